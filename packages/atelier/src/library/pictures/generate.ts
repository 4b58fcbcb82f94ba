/** Pictures from a model. */
import type { Picture } from "@atelier/data";
import { ArgumentError, RandomKey } from "@atelier/engine";
import { nearest } from "@atelier/engine/nearest";
import { type Provenance, provenanceOf } from "../../output/provenance.js";
import { BATCH } from "../../pictures/in-batches.js";
import type { PassOptions } from "../../pictures/picture-family.js";
import { promptsFor } from "../../pictures/prompts.js";
import { samplingFor } from "../../pictures/sampling.js";
import type { Model } from "../model.js";
import { seedOf } from "../request.js";
import {
  type FullGeneratePicturesRequest,
  fullGeneratePicturesRequest,
  type GeneratePicturesRequest,
} from "./request.js";

export interface GeneratedPictures {
  readonly pictures: readonly Picture[];
  readonly provenance: Provenance;
  /** In plain words, such as which words of a prompt the model does not know. */
  readonly warnings: readonly string[];
}

/**
 * Draws pictures. The one at place i follows from the seed and i, whatever is drawn beside it.
 *
 * @throws {AbilityError} for a model that makes none. @throws {ArgumentError} for impossible settings, a class that it does not know, or a prompt
 * of which it knows no word.
 * @example
 * ```ts
 * const model = await load("fashion");
 * const { pictures, provenance } = await generatePictures(model, { samples: 16, class: "Sandal", seed: 7 });
 * const shown = { columns: 4, scale: 2 };
 * const picture = await arrange(pictures, shown);
 * await emit({ media: "picture", picture, shown }, provenance, { to: "file", path: "sandals.png" });
 * ```
 */
export async function generatePictures(
  model: Model,
  request: GeneratePicturesRequest = {},
  options: PassOptions = {},
): Promise<GeneratedPictures> {
  const generator = model.pictureTool("generator");
  const asked = fullGeneratePicturesRequest(request);
  requireNoTemperature(model, asked);
  const full = { ...asked, ...samplingFor(model.pictures, asked) };
  const seed = seedOf(request);
  const { task: _, samples, class: name, prompt, ...how } = full;
  const label = name === undefined ? undefined : classNumber(model, name);
  const { prompts, warnings } = promptsFor(model.pictures, prompt);
  const wanted = { count: samples, label, prompts, ...how };
  const values = await generator.generate(wanted, RandomKey.fromSeed(seed), options);
  return {
    warnings,
    pictures: model.pictures.model.codec.decode(values),
    provenance: await provenanceOf(model, { request: full, seed, batch: Math.min(BATCH, samples) }),
  };
}

/** @throws {ArgumentError} for a model that draws from noise which has to be as it is */
function requireNoTemperature({ name, pictures }: Model, { temperature }: FullGeneratePicturesRequest): void {
  if (pictures.model.sampling === undefined || temperature === 1) return;
  throw new ArgumentError(
    `The model ${name} has no temperature: it draws pictures from noise that it expects as it is`,
    {
      hint: "Leave it out. Guidance above 1 makes pictures more alike, where the model knows classes or words.",
    },
  );
}

/** @throws {ArgumentError} with the nearest name, and all there are */
export function classNumber(model: Model, name: string): number {
  const { classes } = model.pictures.model;
  const number = classes.indexOf(name);
  if (number >= 0) return number;
  if (classes.length === 0) {
    throw new ArgumentError(
      `The model ${model.name} cannot be asked for a class: it learnt from pictures without them`,
      {
        hint: "Leave the class out, or train with --set model.classes=0.1 on pictures that have classes.",
      },
    );
  }
  const near = nearest(name, classes);
  throw new ArgumentError(`The model ${model.name} knows no class "${name}"`, {
    hint: `${near === undefined ? "" : `Did you mean ${near}? `}It knows ${classes.join(", ")}.`,
  });
}
