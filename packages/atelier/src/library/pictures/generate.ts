/** Pictures from a model. */
import type { Picture } from "@atelier/data";
import { ArgumentError, RandomKey } from "@atelier/engine";
import { nearest } from "@atelier/engine/nearest";
import { type Provenance, provenanceOf } from "../../output/provenance.js";
import { BATCH } from "../../pictures/in-batches.js";
import type { PassOptions } from "../../pictures/picture-family.js";
import type { Model } from "../model.js";
import { seedOf } from "../request.js";
import { fullGeneratePicturesRequest, type GeneratePicturesRequest } from "./request.js";

export interface GeneratedPictures {
  readonly pictures: readonly Picture[];
  readonly provenance: Provenance;
}

/**
 * Draws pictures. The one at place i follows from the seed and i, whatever is drawn beside it.
 *
 * @throws {AbilityError} for a model that makes none. @throws {ArgumentError} for impossible settings, or a class that it does not know.
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
  const full = fullGeneratePicturesRequest(request);
  const seed = seedOf(request);
  const { samples, temperature } = full;
  const label = full.class === undefined ? undefined : classNumber(model, full.class);
  const values = await generator.generate({ count: samples, label, temperature }, RandomKey.fromSeed(seed), options);
  return {
    pictures: model.pictures.model.codec.decode(values),
    provenance: await provenanceOf(model, { request: full, seed, batch: Math.min(BATCH, samples) }),
  };
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
