/** `atelier reconstruct`: pictures beside what a model gives back of them. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { formatTable } from "../format.js";
import { required, rest, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { checkEnding } from "./emit-output.js";
import { emitFile, stagesOf } from "./latent-options.js";

export const reconstruct = defineCommand({
  name: "reconstruct",
  summary: "show pictures beside what a model gives back of them",
  details:
    "A vae takes each picture in as a latent vector, a vq as a grid of codes, and gives it back. Pictures are brought to the model's size and " +
    "colours first, as those that it learnt from. The error is the mean squared difference of values in [0, 1]; PSNR is the same in decibels, " +
    "where more is better.",
  examples: [
    ["atelier reconstruct fashion shoe.png shirt.png", "the error of each"],
    ["atelier reconstruct fashion ./clothes --out pairs.png", "each picture of a folder beside what comes back"],
  ],
  options: {
    out: value(z.string(), { summary: "write the pairs to a picture file", placeholder: "FILE" }),
    ...deviceOptions,
  },
  positionals: {
    model: required("name of a model, or the path of its folder"),
    files: rest("pictures, or folders of them"),
  },
  async run({ options, positionals, home, out, progress, signal }) {
    const { load } = await import("../../library/model.js");
    const { reconstruct: giveBack, reconstructionPairs } = await import("../../library/pictures/reconstruct.js");
    const { pairsOf } = await import("../../library/pictures/layouts.js");
    const { out: path, device, threads } = options;
    if (positionals.files.length === 0)
      throw new UsageError("there is no picture", { hint: "name files or folders after the model" });
    if (path !== undefined) checkEnding(path, "picture");
    const model = await load(positionals.model, { home, device, threads });
    try {
      const given = await giveBack(model, positionals.files, { signal, onProgress: stagesOf(progress) });
      progress.stop();
      for (const { file, reason } of given.skipped) out.warn(`${file} is left out: ${reason}`);
      const rows = given.rows.map(({ name, meanSquaredError, peakSignalToNoise }) => ({
        name,
        meanSquaredError,
        peakSignalToNoise: peakSignalToNoise ?? null,
      }));
      const right = ["mean squared error", "PSNR"];
      const cells = rows.map((row) => [
        row.meanSquaredError.toFixed(5),
        row.peakSignalToNoise === null ? "the same" : `${row.peakSignalToNoise.toFixed(1)} dB`,
        row.name,
      ]);
      for (const line of formatTable([...right, "picture"], cells, right)) out.text(line);
      const about = { model: model.name, reconstructed: rows, skipped: given.skipped };
      if (path === undefined) return about;
      await emitFile(out, await pairsOf(reconstructionPairs(given.rows)), given.provenance, path);
      return { ...about, out: path };
    } finally {
      progress.stop();
      await model.release();
    }
  },
});
