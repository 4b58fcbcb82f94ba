/** What lies around a picture, drawn so that it fits. */
import { decodePictures, ImageCodec, type Picture, type PictureSource, sizeOf } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import type { PassOptions } from "../../../pictures/picture-family.js";
import { checkRequest } from "../../check-request.js";
import type { Model } from "../../model.js";
import { seedOf } from "../../request.js";
import { readExactly } from "../inputs.js";
import { alike, type EditedPictures, type EditSettings, edited, isAsked, samplingOf, wishOf } from "./edit.js";
import { type FullOutpaintRequest, outpaintSchema } from "./requests.js";

/** Pixels above, to the right, below and to the left; one number for all four. */
export type Margin = number | readonly [top: number, right: number, bottom: number, left: number];

export interface OutpaintRequest extends EditSettings {
  /** How wide the new part is, in pixels of the model's size. */
  readonly margin: Margin;
  /** As in `InpaintRequest`. */
  readonly rounds?: number | undefined;
}

/**
 * Draws on beyond the edges of a picture. A model draws pictures of one size: the picture is brought to that size less the margins, and the
 * margins are drawn around it as `inpaint` draws what its mask covers.
 *
 * @param source one picture
 * @throws {AbilityError} for a model that cannot edit. @throws {ArgumentError} for margins that leave nothing of the picture, words or a
 * class that the model does not know. @throws typed errors for a picture that cannot be read
 * @example
 * ```ts
 * const model = await load("emoji");
 * const { pictures, provenance } = await outpaint(model, "face.png", { margin: [8, 4, 0, 4], prompt: "cowboy hat face", seed: 7 });
 * await emit({ media: "picture", picture: pictures[0]!, shown: { place: 0 } }, provenance, { to: "file", path: "hat.png" });
 * ```
 */
export async function outpaint(
  model: Model,
  source: PictureSource,
  { seed, margin, ...asked }: OutpaintRequest,
  options: PassOptions = {},
): Promise<EditedPictures> {
  model.pictureTool("editor");
  const sampling = samplingOf(model, asked, isAsked(asked));
  const { wish, warnings } = wishOf(model, asked);
  const given = checkRequest(outpaintSchema.omit({ picture: true }), {
    task: "outpaint",
    margin: typeof margin === "number" ? [margin, margin, margin, margin] : margin,
    ...asked,
    ...sampling,
  });
  const { codec } = model.pictures.model;
  const inner = innerOf(codec, given.margin);
  const { records, inputs } = await readExactly(model, source, 1, { signal: options.signal });
  const { set } = await decodePictures(records, inner, { signal: options.signal });
  const { canvas, kept } = framed(set.picture(0), given.margin, codec);
  const edit = {
    request: { ...given, picture: inputs[0]! },
    wishes: alike(given.samples, wish),
    start: { kind: "noised", picture: codec.encode(canvas.data), strength: 1, kept, rounds: given.rounds },
    seed: seedOf({ seed }),
  } as const;
  return { ...(await edited(model, edit, options)), warnings };
}

/** How a picture is brought to what the margins leave. @throws {ArgumentError} */
function innerOf({ settings }: ImageCodec, [top, right, bottom, left]: FullOutpaintRequest["margin"]) {
  const { width, height } = sizeOf(settings);
  const [innerWidth, innerHeight] = [width - left - right, height - top - bottom];
  if (innerWidth < 1 || innerHeight < 1) {
    throw new ArgumentError(
      `Margins of ${top}, ${right}, ${bottom} and ${left} leave nothing of the picture: the model draws ${width}×${height} pixels`,
      { hint: "Give smaller margins: two that face each other are less than a side together." },
    );
  }
  if (top + right + bottom + left === 0) {
    throw new ArgumentError("Margins of 0 leave nothing to be drawn", { hint: "Give a margin above 0." });
  }
  return new ImageCodec({ ...settings, size: [innerWidth, innerHeight] }).settings;
}

/** A picture in the middle of its margins, and where it lies. */
function framed(
  inner: Picture,
  [top, , , left]: FullOutpaintRequest["margin"],
  { settings }: ImageCodec,
): { readonly canvas: Picture; readonly kept: Uint8Array } {
  const { width, height } = sizeOf(settings);
  const { channels } = settings;
  const data = new Uint8Array(width * height * channels).fill(128);
  const kept = new Uint8Array(width * height);
  for (let y = 0; y < inner.height; y++) {
    const at = (top + y) * width + left;
    data.set(inner.data.subarray(y * inner.width * channels, (y + 1) * inner.width * channels), at * channels);
    kept.fill(1, at, at + inner.width);
  }
  return { canvas: { width, height, channels, data }, kept };
}
