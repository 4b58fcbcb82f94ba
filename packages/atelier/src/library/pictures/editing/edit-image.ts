/** A picture, drawn anew from more or less of itself. */
import type { PictureSource } from "@atelier/data";
import type { PassOptions } from "../../../pictures/picture-family.js";
import { checkRequest } from "../../check-request.js";
import type { Model } from "../../model.js";
import { seedOf } from "../../request.js";
import { readExactly } from "../inputs.js";
import { valuesOf } from "../picture-tools.js";
import { alike, type EditedPictures, type EditSettings, edited, isAsked, samplingOf, wishOf } from "./edit.js";
import { editImageSchema } from "./requests.js";

export interface EditImageRequest extends EditSettings {
  /** How much of the picture is drawn anew: 0 gives it back, 1 leaves next to nothing of it; 0.5 by default. */
  readonly strength?: number | undefined;
}

/**
 * Image to image: noise is put over the picture, to the level that the strength says, and taken away again (Meng et al. 2022, "SDEdit: guided
 * image synthesis and editing with stochastic differential equations"). What the noise did not hide stays: colours and the coarse form.
 *
 * @param source one picture, which is brought to the model's size and colours first
 * @throws {AbilityError} for a model that cannot edit. @throws {ArgumentError} for a strength out of range, words or a class that the model
 * does not know. @throws typed errors for a picture that cannot be read
 * @example
 * ```ts
 * const model = await load("emoji");
 * const { pictures, provenance } = await editImage(model, "face.png", { prompt: "green face", strength: 0.4, seed: 7 });
 * await emit({ media: "picture", picture: pictures[0]!, shown: { place: 0 } }, provenance, { to: "file", path: "green.png" });
 * ```
 */
export async function editImage(
  model: Model,
  source: PictureSource,
  { seed, ...asked }: EditImageRequest = {},
  options: PassOptions = {},
): Promise<EditedPictures> {
  model.pictureTool("editor");
  const sampling = samplingOf(model, asked, isAsked(asked));
  const { wish, warnings } = wishOf(model, asked);
  const given = checkRequest(editImageSchema.omit({ picture: true }), { task: "edit-image", ...asked, ...sampling });
  const { set, inputs } = await readExactly(model, source, 1, { signal: options.signal });
  const edit = {
    request: { ...given, picture: inputs[0]! },
    wishes: alike(given.samples, wish),
    start: { kind: "noised", picture: valuesOf(model, set), strength: given.strength },
    seed: seedOf({ seed }),
  } as const;
  return { ...(await edited(model, edit, options)), warnings };
}
