/** `atelier edit upscale`: pictures made larger by a model that has learnt to. */
import { basename, extname, join } from "node:path";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { rest, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { modelArgument } from "./edit-options.js";
import { checkEnding, isFolder } from "./emit-output.js";
import { emitFile, stagesOf } from "./latent-options.js";

export const upscale = defineCommand({
  name: "edit upscale",
  summary: "make pictures larger, two or four times as wide and high",
  details:
    "With a model of the family upscaler. Pictures keep their own sizes: they are not brought to a size that the model knows. One of factor 2 is " +
    "used twice for 4. Nothing is drawn at random. Without --out, NAME-x2.png in the current folder for each picture.",
  examples: [
    ["atelier edit upscale emoji-upscaler face.png --factor 4 --out large.png", "four times as wide and high"],
    ["atelier edit upscale emoji-upscaler ./icons --out large/", "every picture of a folder, into another"],
  ],
  options: {
    factor: value(z.enum(["2", "4"]), {
      summary: "by how much width and height grow (default: what the model was trained for)",
      placeholder: "F",
    }),
    out: value(z.string(), { summary: "the picture file to write; of several pictures a folder", placeholder: "PATH" }),
    ...deviceOptions,
  },
  positionals: { model: modelArgument, pictures: rest("pictures, or folders of them") },
  async run({ options, positionals, home, out, progress, signal }) {
    const { load } = await import("../../library/model.js");
    const { upscale: enlarge } = await import("../../library/pictures/upscale.js");
    const { makeFolder } = await import("../../storage/index.js");
    const { out: target, factor: asked, device, threads } = options;
    if (positionals.pictures.length === 0) {
      throw new UsageError("there is no picture", { hint: "name files or folders after the model" });
    }
    const folder = target === undefined ? "" : isFolder(target) ? target : undefined;
    if (folder === undefined) checkEnding(target!, "picture");
    const model = await load(positionals.model, { home, device, threads });
    try {
      const request = { factor: asked === undefined ? undefined : Number(asked) };
      const run = { signal, onProgress: stagesOf(progress, "parts") };
      const { rows, factor, skipped } = await enlarge(model, positionals.pictures, request, run);
      progress.stop();
      for (const { file, reason } of skipped) out.warn(`${file} is left out: ${reason}`);
      if (folder === undefined && rows.length > 1) {
        throw new UsageError(`--out ${target} is one file, and ${rows.length} pictures were made`, {
          hint: "name a folder: --out large/",
        });
      }
      const nameOf = (name: string): string => `${basename(name, extname(name))}-x${factor}.png`;
      const paths = rows.map(({ name }) => (folder === undefined ? target! : join(folder, nameOf(name))));
      const twice = paths.find((path, i) => paths.indexOf(path) < i);
      if (twice !== undefined) {
        throw new UsageError(`two of the pictures would be written to ${twice}`, {
          hint: "enlarge pictures of one name one after another, each with --out FILE",
        });
      }
      if (folder !== undefined && folder !== "") await makeFolder(folder);
      const files = [];
      for (const [i, { enlarged, provenance }] of rows.entries()) {
        const path = paths[i]!;
        const made = { media: "picture", picture: enlarged } as const;
        files.push({ path, provenance: await emitFile(out, made, provenance, path) });
      }
      return { model: model.name, factor, files, skipped };
    } finally {
      progress.stop();
      await model.release();
    }
  },
});
