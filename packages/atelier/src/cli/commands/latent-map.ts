/** `atelier latent-map`: what a model decodes all over a plane of its latent space. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { integer, required, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { checkEnding } from "./emit-output.js";
import { classOption, dataOption, defaultPath, emitFile, stagesOf } from "./latent-options.js";

export const latentMap = defineCommand({
  name: "latent-map",
  summary: "draw a map of a model's latent space",
  details:
    "Of a model with two latent axes, all of it: rows and columns lie at quantiles of the normal distribution (Kingma and Welling 2014, figure " +
    "4). Of one with more, the plane of the two principal axes of the latent vectors of its pictures; the share of their variance that lies in " +
    "that plane is told. Without --out, MODEL-map.png in the current folder.",
  examples: [
    ["atelier latent-map fashion --out map.png", "twenty by twenty pictures"],
    ["atelier latent-map fashion --columns 12 --data ./clothes", "the plane in which pictures of a folder differ most"],
  ],
  options: {
    columns: value(integer({ min: 2, max: 100 }), {
      summary: "pictures in a row, and rows",
      placeholder: "N",
      default: 20,
    }),
    data: dataOption,
    class: classOption,
    out: value(z.string(), { summary: "the picture file to write", placeholder: "FILE" }),
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder") },
  async run({ options, positionals, home, out, progress, signal }) {
    const { load } = await import("../../library/model.js");
    const { latentMap: draw } = await import("../../library/pictures/latent-map.js");
    const { mapOf } = await import("../../library/pictures/layouts.js");
    const { device, threads, out: asked, ...request } = options;
    const path = asked ?? defaultPath(positionals.model, "map.png");
    checkEnding(path, "picture");
    const model = await load(positionals.model, { home, device, threads });
    try {
      const map = await draw(model, request, { signal, onProgress: stagesOf(progress) });
      progress.stop();
      await emitFile(out, await mapOf(map.pictures, map.columns), map.provenance, path);
      out.text(map.words);
      return { model: model.name, columns: map.columns, words: map.words, varianceShare: map.share ?? null, out: path };
    } finally {
      progress.stop();
      await model.release();
    }
  },
});
