/** `atelier edit mix` and `atelier edit interpolate`: several descriptions in one picture, and the way from one to another. */
import { z } from "zod";
import type { WishRequest } from "../../library/pictures/editing/edit.js";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { value, values } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { drawingOptions, editToFile, modelArgument, numbersIn, picturesOptions, withEditor } from "./edit-options.js";
import { checkEnding } from "./emit-output.js";
import { defaultPath, emitFrames, framesOption } from "./latent-options.js";

const descriptions = {
  prompt: values(z.string(), { summary: "one description, in words", placeholder: "TEXT" }),
  class: values(z.string(), { summary: "one description, by a class", placeholder: "NAME" }),
};

/** Prompts first, then classes. */
const wishesOf = (options: {
  readonly prompt: readonly string[];
  readonly class: readonly string[];
}): WishRequest[] => [
  ...options.prompt.map((prompt) => ({ prompt })),
  ...options.class.map((name) => ({ class: name })),
];

export const mix = defineCommand({
  name: "edit mix",
  summary: "draw pictures that agree with several descriptions",
  details:
    "Composable diffusion (Liu et al. 2022): in every step, what is likely under each description counts by its weight. Weights are divided by " +
    "their sum; all are alike by default. Where there are prompts and classes, those of the prompts come first. Without --out, MODEL-mix.png in " +
    "the current folder.",
  examples: [
    ['atelier edit mix emoji --prompt "cat face" --prompt "pumpkin" --weights 0.6,0.4 -n 9', "nine pumpkin cats"],
    ["atelier edit mix fashion --class Sneaker --class Sandal --seed 7", "between two kinds of shoes"],
  ],
  options: {
    ...descriptions,
    weights: value(z.string(), { summary: "how much each description counts", placeholder: "W,W" }),
    ...picturesOptions,
  },
  positionals: { model: modelArgument },
  async run(context) {
    const { mixPictures } = await import("../../library/pictures/editing/mix.js");
    const { weights, sampler, steps, guidance, seed, samples } = context.options;
    const wishes = wishesOf(context.options);
    if (wishes.length < 2) {
      throw new UsageError(`a mixture is of two descriptions or more, and ${wishes.length} were given`, {
        hint: "give --prompt or --class several times",
      });
    }
    const shares = weights === undefined ? undefined : numbersIn("--weights", weights, [wishes.length]);
    if (shares?.some((share) => share <= 0) === true) {
      throw new UsageError(`--weights: each is above 0, got ${weights}`, { hint: "leave out what is not to count" });
    }
    const parts = wishes.map((wish, i) => ({ ...wish, weight: shares?.[i] }));
    const request = { parts, sampler, steps, guidance, seed, samples };
    return editToFile(context, "mix", (model, run) => mixPictures(model, request, run));
  },
});

export const interpolate = defineCommand({
  name: "edit interpolate",
  summary: "show the way from one description to another",
  details:
    "All pictures are made of the same noise, and what they show goes from the first description to the second, mixed by weight as in edit mix. " +
    "GIF and WebP go there and back without end, PNG and JPEG show a strip. Where there is a prompt and a class, the prompt comes first. Without " +
    "--out, MODEL-interpolation.gif in the current folder. Between pictures and seeds: atelier interpolate.",
  examples: [
    ['atelier edit interpolate emoji --prompt "red heart" --prompt "blue heart" --out hearts.gif', "there and back"],
    [
      "atelier edit interpolate fashion --class Sandal --class Sneaker --frames 8 --out strip.png",
      "as a strip of eight",
    ],
  ],
  options: {
    ...descriptions,
    frames: framesOption,
    ...drawingOptions,
    out: value(z.string(), { summary: "a GIF or WebP animation, or a picture file for a strip", placeholder: "FILE" }),
    ...deviceOptions,
  },
  positionals: { model: modelArgument },
  async run(context) {
    const { interpolateWishes } = await import("../../library/pictures/editing/mix.js");
    const { out, progress } = context;
    const { frames, sampler, steps, guidance, seed } = context.options;
    const [first, last, ...more] = wishesOf(context.options);
    if (first === undefined || last === undefined || more.length > 0) {
      const count = wishesOf(context.options).length;
      throw new UsageError(`an interpolation goes between two descriptions, and ${count} were given`, {
        hint: 'give two: --prompt "red heart" --prompt "blue heart"',
      });
    }
    const path = context.options.out ?? defaultPath(context.positionals.model, "interpolation.gif");
    checkEnding(path, "picture");
    return withEditor(context, async (model, run) => {
      const request = { ends: [first, last] as const, frames, sampler, steps, guidance, seed };
      const made = await interpolateWishes(model, request, run);
      progress.stop();
      for (const warning of made.warnings) out.warn(warning);
      return { ...(await emitFrames(out, model, made, path)), seed: made.provenance.seed };
    });
  },
});
