/** A picture, drawn anew as something else, of the noise that it is made of. */
import type { PictureSource } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import type { PassOptions } from "../../../pictures/picture-family.js";
import { checkRequest } from "../../check-request.js";
import type { Model } from "../../model.js";
import { readExactly } from "../inputs.js";
import { valuesOf } from "../picture-tools.js";
import {
  alike,
  type EditedPictures,
  type EditSampling,
  edited,
  isAsked,
  samplingOf,
  type WishRequest,
  wishOf,
} from "./edit.js";
import { restyleSchema } from "./requests.js";

/** What the picture is to show, or to look like. */
export interface RestyleRequest extends WishRequest, Omit<EditSampling, "sampler"> {
  /** What the picture shows as it is; left out, the model is not told. */
  readonly from?: WishRequest | undefined;
  /** How far back into noise: 0 gives the picture back, 1 leaves only what its noise remembers; 0.6 by default. */
  readonly strength?: number | undefined;
}

/** Going into noise and out of it meets well only in small steps. */
const STEPS = 50;

/**
 * Style transfer as image to image, and no optimisation over the features of a network: DDIM is run backwards, from the picture to the noise
 * that the model would make it of under its own description, and then forwards under another (Song et al. 2021, "Denoising diffusion
 * implicit models"; as in Su et al. 2023, "Dual diffusion implicit bridges"). Nothing is drawn at random: there is one result.
 *
 * @param source one picture, which is brought to the model's size and colours first
 * @throws {AbilityError} for a model that cannot edit. @throws {ArgumentError} for a request that does not say what to show, a strength out
 * of range, words or classes that the model does not know. @throws typed errors for a picture that cannot be read
 * @example
 * ```ts
 * const model = await load("emoji");
 * const { pictures, provenance } = await restyle(model, "dog.png", { prompt: "cat face", from: { prompt: "dog face" } });
 * await emit({ media: "picture", picture: pictures[0]!, shown: { place: 0 } }, provenance, { to: "file", path: "cat.png" });
 * ```
 */
export async function restyle(
  model: Model,
  source: PictureSource,
  { from, ...asked }: RestyleRequest,
  options: PassOptions = {},
): Promise<EditedPictures> {
  model.pictureTool("editor");
  if (!isAsked(asked)) {
    throw new ArgumentError("It was not said what the picture is to show", { hint: "Give a prompt or a class." });
  }
  const sampling = samplingOf(model, { ...asked, steps: asked.steps ?? STEPS, sampler: "ddim" }, true);
  if (sampling.steps < 2) {
    throw new ArgumentError(`Going back into noise takes two steps or more, got ${sampling.steps}`, {
      hint: `Take more; ${STEPS} is the default.`,
    });
  }
  const [target, shown] = [wishOf(model, asked), wishOf(model, from ?? {})];
  const given = checkRequest(restyleSchema.omit({ picture: true }), { task: "restyle", from, ...asked, ...sampling });
  const { set, inputs } = await readExactly(model, source, 1, { signal: options.signal });
  const edit = {
    request: { ...given, picture: inputs[0]! },
    wishes: alike(1, target.wish),
    start: { kind: "inverted", picture: valuesOf(model, set), strength: given.strength, shows: shown.wish },
    seed: 0,
  } as const;
  return { ...(await edited(model, edit, options)), warnings: [...new Set([...target.warnings, ...shown.warnings])] };
}
