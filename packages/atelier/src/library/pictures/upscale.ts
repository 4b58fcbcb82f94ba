/** Pictures made larger by a model that has learnt to. */
import { decodePictures, ImageCodec, type Picture, type PictureSource, type SkippedFile } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import type { Provenance } from "../../output/provenance.js";
import { checkRequest } from "../check-request.js";
import type { Model } from "../model.js";
import { readInputs } from "./inputs.js";
import { type PictureRunOptions, passOptions, picturesProvenance } from "./picture-tools.js";
import { type FullUpscaleRequest, upscaleSchema } from "./upscale-request.js";

export interface UpscaleRequest {
  /** By how much height and width grow: 2 or 4, by default what the model was trained for. One of factor 2 is used twice for 4. */
  readonly factor?: number | undefined;
}

export interface Enlarged {
  readonly name: string;
  /** At its own size, in the model's colours. */
  readonly picture: Picture;
  readonly enlarged: Picture;
  /** Of this one picture. */
  readonly provenance: Provenance;
}

export interface Upscaled {
  readonly rows: readonly Enlarged[];
  readonly factor: number;
  /** Files that could not be read, and why. */
  readonly skipped: readonly SkippedFile[];
}

/** Pixels a side, of what comes out: as large as pictures of a codec can be. */
const LARGEST = 4096;

/**
 * Makes pictures of any size larger, each by itself, in the order they were given. What is transparent is put on the background that the model's
 * codec has, unless the model learnt pictures with opacity.
 *
 * @throws {AbilityError} for a model that cannot. @throws {ArgumentError} for a factor that the model does not reach, more than 256
 * pictures, or one that would come out larger than 4096 pixels a side. @throws typed errors where none can be read
 * @example
 * ```ts
 * const model = await load("emoji-upscaler");
 * const { rows } = await upscale(model, ["face.png"], { factor: 4 });
 * for (const { enlarged, provenance } of rows) {
 *   await emit({ media: "picture", picture: enlarged }, provenance, { to: "file", path: "large-face.png" });
 * }
 * ```
 */
export async function upscale(
  model: Model,
  source: PictureSource,
  request: UpscaleRequest = {},
  options: PictureRunOptions = {},
): Promise<Upscaled> {
  const tool = model.pictureTool("upscaler");
  const factor = factorOf(model, request.factor ?? tool.factor, tool.factor);
  const { set, records, inputs, skipped } = await readInputs(model, source, options);
  const sizes = records.map((_, i) => [set.originals[2 * i]!, set.originals[2 * i + 1]!] as const);
  sizes.forEach(([width, height], i) => {
    requireFitting(set.names[i]!, factor * width, factor * height);
  });
  const { settings } = model.pictures.model.codec;
  const rows: Enlarged[] = [];
  for (const [i, record] of records.entries()) {
    const [width, height] = sizes[i]!;
    const own = new ImageCodec({ ...settings, size: [width, height], fit: "fill" });
    const read = await decodePictures([record], own.settings, { signal: options.signal });
    const picture = read.set.picture(0);
    let values = own.encode(picture.data);
    let times = 1;
    for (; times < factor; times *= tool.factor) {
      const size = { width: times * width, height: times * height };
      values = await tool.enlarge(values, size, passOptions(options, `enlarging ${record.name}`));
    }
    const large = new ImageCodec({ ...settings, size: [times * width, times * height] });
    const [enlarged] = large.decode(values) as [Picture];
    const full = checkRequest<FullUpscaleRequest>(upscaleSchema, { task: "upscale", picture: inputs[i], factor });
    rows.push({ name: record.name, picture, enlarged, provenance: await picturesProvenance(model, full, 1) });
  }
  return { rows, factor, skipped };
}

/** @throws {ArgumentError} for one that is no power of what the model does at once */
function factorOf(model: Model, asked: number, own: number): number {
  if (asked === own || (own === 2 && asked === 4)) return asked;
  throw new ArgumentError(
    `The model ${model.name} makes pictures ${own} times as wide and high, and ${asked} was asked for`,
    {
      hint: own === 2 ? "Ask for a factor of 2, or of 4, for which it is used twice." : `Ask for a factor of ${own}.`,
    },
  );
}

/** @throws {ArgumentError} */
function requireFitting(name: string, width: number, height: number): void {
  if (Math.max(width, height) <= LARGEST) return;
  throw new ArgumentError(
    `${name} would come out at ${width}×${height} pixels: at most ${LARGEST} a side can be made`,
    {
      hint: "Give a smaller picture, or a part of it.",
    },
  );
}
