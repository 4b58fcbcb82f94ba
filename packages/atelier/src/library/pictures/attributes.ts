/**
 * Directions in latent space that stand for something, learnt from labelled pictures: the difference of the mean latent vectors of two
 * classes (Larsen et al., "Autoencoding beyond pixels using a learned similarity metric", 2016, section 4.2), or of one class and all
 * others. How much such a direction means is seen of pictures that it was not learnt from.
 */
import type { PictureSet, PictureSource } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import { type Auroc, auroc } from "../../evaluation/metrics/pictures/auroc.js";
import type { Model } from "../model.js";
import { meanVector } from "./latent-vectors.js";
import { classIn, dividedPictures, someOf } from "./model-pictures.js";
import { coderOf, type PictureRunOptions, passOptions, valuesOf } from "./picture-tools.js";

/** Pictures that a direction is learnt from, and that it is judged on, of all classes together. */
export const MOST = 10_000;

export interface Direction {
  /** The class that it leads away from; undefined: from all others. */
  readonly from: string | undefined;
  readonly to: string;
  /** From the one mean to the other, (L). */
  readonly vector: Float32Array;
  /** The projection on it of the middle between the two means. */
  readonly middle: number;
}

export interface Attribute extends Direction {
  /** The probability that a held-out picture of `to` lies further along the direction than one of `from`. */
  readonly separation: Auroc;
  /** The mean of the two classes' shares that lie on their own side of the middle between the two means. */
  readonly accuracy: number;
}

export interface AttributesRequest {
  /** Labelled pictures; by default the model's own. */
  readonly data?: PictureSource | undefined;
  /** Only directions away from this class, and to this one. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * The directions from one class to each of the others, or without `from` from all others to each class; those that tell held-out pictures
 * apart best come first.
 *
 * @throws {NoLatentVectorsError} for a model without latent vectors. @throws {ArgumentError} for data without classes, or an unknown class
 * @example
 * ```ts
 * const model = await load("fashion");
 * for (const { to, separation } of await attributes(model, { from: "Sandal" })) console.log(to, separation.value);
 * ```
 */
export async function attributes(
  model: Model,
  { data, from, to }: AttributesRequest = {},
  options: PictureRunOptions = {},
): Promise<Attribute[]> {
  coderOf(model);
  const { train, heldOut } = await dividedPictures(model, data, options);
  for (const name of [from, to]) if (name !== undefined) classIn(train, name);
  const learnt = await labelledLatents(model, someOf(train, MOST, "attributes"), options);
  const judged = await labelledLatents(
    model,
    someOf(heldOut, MOST, "judged attributes"),
    options,
    "encoding held-out pictures",
  );
  return learnt.classes
    .filter((name, number) => learnt.labels.includes(number) && name !== from && (to === undefined || name === to))
    .flatMap((name) => attribute(directionOf(learnt, from, name), judged))
    .sort((a, b) => b.separation.value - a.separation.value);
}

/** Latent vectors with their classes. */
export interface LabelledLatents {
  /** (N, width) */
  readonly vectors: Float32Array;
  readonly width: number;
  /** (N), numbers of classes; −1: none. */
  readonly labels: Int32Array;
  readonly classes: readonly string[];
}

/** What a model makes of pictures when it is not told their classes. @throws {ArgumentError} for pictures without classes */
export async function labelledLatents(
  model: Model,
  set: PictureSet,
  options: PictureRunOptions,
  stage = "encoding",
): Promise<LabelledLatents> {
  if (set.classes.length < 2) {
    throw new ArgumentError("A direction leads from some pictures to others, and these are not in two classes", {
      hint: "Give labelled pictures with --data: a folder whose sub-folders are the classes, or a known dataset with classes.",
    });
  }
  const coder = coderOf(model);
  const vectors = await coder.encode(valuesOf(model, set), undefined, passOptions(options, stage));
  return { vectors, width: coder.width, labels: set.labels, classes: set.classes };
}

function rowsIn(latents: LabelledLatents, name: string): number[] {
  const number = classIn(latents, name);
  return Array.from(latents.labels.keys()).filter((i) => latents.labels[i] === number);
}

/** Of `from`, or where there is none of everything that has another class than `to`. */
function rowsFrom(latents: LabelledLatents, from: string | undefined, to: string): number[] {
  if (from !== undefined) return rowsIn(latents, from);
  const number = classIn(latents, to);
  return Array.from(latents.labels.keys()).filter((i) => latents.labels[i]! >= 0 && latents.labels[i] !== number);
}

/** @throws {ArgumentError} for a class that none of the pictures has */
export function directionOf(latents: LabelledLatents, from: string | undefined, to: string): Direction {
  const { vectors, width } = latents;
  const [start, end] = [rowsFrom(latents, from, to), rowsIn(latents, to)];
  if (start.length === 0 || end.length === 0) {
    throw new ArgumentError(`No picture to learn from is of the class "${end.length === 0 ? to : from}"`, {
      hint: "It may be one that the model's recipe excludes: give pictures of it with --data.",
    });
  }
  const [a, b] = [meanVector(vectors, width, start), meanVector(vectors, width, end)];
  const vector = Float32Array.from(b, (x, k) => x - a[k]!);
  return { from, to, vector, middle: vector.reduce((sum, x, k) => sum + (x * (a[k]! + b[k]!)) / 2, 0) };
}

/** How well a direction tells pictures apart; nothing where there are none of a kind. */
export function attribute(direction: Direction, judged: LabelledLatents): Attribute[] {
  const { from, to, vector, middle } = direction;
  const along = (rows: readonly number[]): Float64Array =>
    Float64Array.from(rows, (row) =>
      vector.reduce((sum, x, k) => sum + x * judged.vectors[row * judged.width + k]!, 0),
    );
  const [start, end] = [along(rowsFrom(judged, from, to)), along(rowsIn(judged, to))];
  if (start.length === 0 || end.length === 0) return [];
  const share = (projections: Float64Array, holds: (x: number) => boolean): number =>
    projections.filter(holds).length / projections.length;
  const accuracy = (share(start, (x) => x < middle) + share(end, (x) => x > middle)) / 2;
  return [{ ...direction, separation: auroc(end, start), accuracy }];
}
