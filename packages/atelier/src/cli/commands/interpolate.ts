/** `atelier interpolate`: the pictures between two. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { required, rest, value } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { checkEnding } from "./emit-output.js";
import { classOption, defaultPath, emitFrames, framesOption, stagesOf } from "./latent-options.js";

export const interpolate = defineCommand({
  name: "interpolate",
  summary: "show the pictures between two, of files or seeds",
  details:
    "Both become latent vectors, and what lies between them is decoded: between seeds on a great circle, near which all vectors lie that are " +
    "drawn (White 2016); between files in a straight line. GIF and WebP go there and back without end, PNG and JPEG show a strip. Without " +
    "--out, MODEL-interpolation.gif in the current folder.",
  examples: [
    ["atelier interpolate fashion shoe.png boot.png --out between.gif", "from one picture to the other and back"],
    [
      "atelier interpolate fashion --seeds 3 7 --frames 8 --out strip.png",
      "between the pictures of two seeds, as a strip",
    ],
  ],
  options: {
    seeds: value(z.string(), { summary: "two seeds in place of files", placeholder: "A B" }),
    frames: framesOption,
    class: classOption,
    out: value(z.string(), { summary: "a GIF or WebP animation, or a picture file for a strip", placeholder: "FILE" }),
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder"), files: rest("two pictures") },
  async run({ options, positionals, home, out, progress, signal }) {
    const { load } = await import("../../library/model.js");
    const { interpolate: between } = await import("../../library/pictures/interpolate.js");
    const { device, threads, frames, class: name } = options;
    const path = options.out ?? defaultPath(positionals.model, "interpolation.gif");
    checkEnding(path, "picture");
    const ends = endsOf(options.seeds, positionals.files);
    const model = await load(positionals.model, { home, device, threads });
    try {
      const made = await between(model, { ...ends, frames, class: name }, { signal, onProgress: stagesOf(progress) });
      progress.stop();
      return await emitFrames(out, model, made, path);
    } finally {
      progress.stop();
      await model.release();
    }
  },
});

/** `--seeds 3 7` arrives as an option and an argument. @throws {UsageError} for anything but two seeds or two files */
function endsOf(
  seeds: string | undefined,
  files: readonly string[],
): { readonly seeds: readonly [number, number] } | { readonly pictures: readonly string[] } {
  if (seeds === undefined) {
    if (files.length === 2) return { pictures: files };
    throw new UsageError(`an interpolation goes between two pictures, and ${files.length} were given`, {
      hint: "name two files, or two seeds: --seeds 3 7",
    });
  }
  const words = [seeds, ...files].flatMap((text) => text.split(/[\s,]+/));
  const [a, b] = words.map(Number);
  if (words.length === 2 && words.every((word) => /^\d+$/.test(word))) return { seeds: [a!, b!] };
  throw new UsageError(`--seeds takes two whole numbers, got ${words.join(" ")}`, {
    hint: "write --seeds 3 7, and no files",
  });
}
