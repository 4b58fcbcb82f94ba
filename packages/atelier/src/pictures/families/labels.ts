/** The classes of pictures as models take them that are told of each picture which class it is of, and can do without. */
import type { ImageCodec, PictureSet } from "@atelier/data";
import { ArgumentError, hostTensor, type Tensor } from "@atelier/engine";
import type { LabelCondition } from "@atelier/models";
import type { Batch } from "../in-batches.js";
import { type HostRows, type Rows, setRows } from "../row-pass.js";

/** The name of the condition that a batch carries the classes under. */
export const CLASS = "class";

/** What is saved of it: the names, and for which share of the pictures the class is left out while learning. */
export interface KnownClasses {
  readonly classes: string[];
  readonly classDrop?: number;
}

/**
 * @param drop `model.classes` of a recipe: without it, a model never sees a class
 * @param classes of the pictures. @throws {ArgumentError} where there are none
 */
export function knownClasses(family: string, drop: number | undefined, classes: readonly string[]): KnownClasses {
  if (drop === undefined) return { classes: [] };
  if (classes.length > 0) return { classes: [...classes], classDrop: drop };
  throw new ArgumentError(`${family}: model.classes is set, and the pictures have no classes`, {
    hint: "Give a folder whose sub-folders are the classes, or leave model.classes out.",
  });
}

/** One condition, or none where no classes are known. */
export const classConditions = (
  classes: readonly string[],
  classDrop: number | undefined,
): readonly LabelCondition[] =>
  classes.length === 0 ? [] : [{ name: CLASS, role: "label", classes: classes.length, drop: classDrop ?? 0 }];

/** The classes of a batch as a model takes them: −1 for unknown ones; nothing where it knows none. */
export const classesOf = (labelled: boolean, labels: Int32Array | undefined, { indices }: Batch): HostRows =>
  labelled
    ? {
        [CLASS]: hostTensor(
          indices.map((i) => labels?.[i] ?? -1),
          [indices.length],
        ),
      }
    : {};

/** Pictures and their classes, straight from a set. */
export const labelledRows =
  (pictures: PictureSet, codec: ImageCodec, labelled: boolean) =>
  (batch: Batch): HostRows => ({
    ...setRows(pictures, codec)(batch),
    ...classesOf(labelled, pictures.labels, batch),
  });

/** What functions over pictures take: the pictures, and the values of conditions. */
export function split({ x, ...values }: Rows): { readonly x: Tensor; readonly values: Rows } {
  return { x: x!, values };
}

/** What the input of an exported graph means. */
export const classesInWords = (classes: readonly string[], rows: number): string =>
  classes.length === 0 ? "" : `; ${CLASS}: (${rows}) int32, a number of: ${classes.join(", ")}; −1 for any`;
