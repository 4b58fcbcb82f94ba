/** A part of a picture, drawn anew so that it fits the rest. */
import { decodePictures, type PictureSource } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import type { PassOptions } from "../../../pictures/picture-family.js";
import { checkRequest } from "../../check-request.js";
import type { Model } from "../../model.js";
import { seedOf } from "../../request.js";
import { type Inputs, readExactly } from "../inputs.js";
import { valuesOf } from "../picture-tools.js";
import { alike, type EditedPictures, type EditSettings, edited, isAsked, samplingOf, wishOf } from "./edit.js";
import { inpaintSchema } from "./requests.js";

export interface InpaintRequest extends EditSettings {
  /** How much of what the mask covers is drawn anew; 1, the default, is all of it. */
  readonly strength?: number | undefined;
  /** How often each stretch of noise levels is gone through: more fit the new part better to the rest, and take longer; 4 by default. */
  readonly rounds?: number | undefined;
}

/**
 * What is white in the mask is made anew, and all other pixels stay exactly as they are at the model's size. The method is RePaint (Lugmayr
 * et al. 2022, "RePaint: inpainting using denoising diffusion probabilistic models", algorithm 1, with jumps), with any sampler: what is
 * kept is set at every level of noise, and each tenth of the levels is gone through `rounds` times, with noise put back in between.
 *
 * @param source one picture. @param mask a picture of the same size: lighter than the middle grey is made anew
 * @throws {AbilityError} for a model that cannot edit. @throws {ArgumentError} for a mask of another size or without white, a strength out
 * of range, words or a class that the model does not know. @throws typed errors for pictures that cannot be read
 * @example
 * ```ts
 * const model = await load("emoji");
 * const { pictures, provenance } = await inpaint(model, "face.png", "eyes.png", { prompt: "sunglasses", seed: 7 });
 * await emit({ media: "picture", picture: pictures[0]!, shown: { place: 0 } }, provenance, { to: "file", path: "cool.png" });
 * ```
 */
export async function inpaint(
  model: Model,
  source: PictureSource,
  mask: PictureSource,
  { seed, ...asked }: InpaintRequest = {},
  options: PassOptions = {},
): Promise<EditedPictures> {
  model.pictureTool("editor");
  const sampling = samplingOf(model, asked, isAsked(asked));
  const { wish, warnings } = wishOf(model, asked);
  const schema = inpaintSchema.omit({ picture: true, mask: true });
  const given = checkRequest(schema, { task: "inpaint", ...asked, ...sampling });
  const picture = await readExactly(model, source, 1, { signal: options.signal });
  const covering = await readExactly(model, mask, 1, { signal: options.signal });
  const { strength, rounds } = given;
  const kept = await keptOf(model, picture, covering, options);
  const edit = {
    request: { ...given, picture: picture.inputs[0]!, mask: covering.inputs[0]! },
    wishes: alike(given.samples, wish),
    start: { kind: "noised", picture: valuesOf(model, picture.set), strength, kept, rounds },
    seed: seedOf({ seed }),
  } as const;
  return { ...(await edited(model, edit, options)), warnings };
}

const sizeOf = ({ set: { originals } }: Inputs): string => `${originals[0]}×${originals[1]}`;

/** 1 where the mask, brought to the model's size as the picture is, has no white. @throws {ArgumentError} */
async function keptOf(model: Model, picture: Inputs, mask: Inputs, { signal }: PassOptions): Promise<Uint8Array> {
  const [of, name] = [picture.inputs[0]!.name, mask.inputs[0]!.name];
  if (sizeOf(mask) !== sizeOf(picture)) {
    throw new ArgumentError(`The mask ${name} is ${sizeOf(mask)}, and the picture ${of} is ${sizeOf(picture)}`, {
      hint: `Give a mask of the picture's size, ${sizeOf(picture)}: white where it is to be made anew, black elsewhere.`,
    });
  }
  // What lies beside the picture, or is transparent in the mask, stays; a filter without overshoot keeps edges where they are.
  const as = { channels: 1, background: "#000000", filter: "linear" } as const;
  const settings = { ...model.pictures.model.codec.settings, ...as };
  const { set } = await decodePictures(mask.records, settings, { signal });
  const kept = set.picture(0).data.map((level) => (level < 128 ? 1 : 0));
  if (kept.includes(0)) return kept;
  throw new ArgumentError(`Nothing in the mask ${name} is white, so that nothing is to be made anew`, {
    hint: "Paint white what is to be made anew. What is smaller than a pixel of the model's size does not count.",
  });
}
