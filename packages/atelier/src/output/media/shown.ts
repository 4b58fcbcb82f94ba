/** Several pictures as the picture of one file: one of them, or all on a sheet. */
import { contactSheet, type Picture } from "@atelier/data";
import { ArgumentError } from "@atelier/engine/errors";
import { z } from "zod";

export const shownSchema = z.union([
  /** One of them, counted from 0. */
  z.strictObject({ place: z.int().min(0) }),
  /** All of them, in rows of so many, every pixel as a square of `scale` pixels. */
  z.strictObject({ columns: z.int().min(1), scale: z.int().min(1) }),
]);
export type Shown = Readonly<z.infer<typeof shownSchema>>;

/** @throws {ArgumentError} for a place that is none, or a sheet that would be too large. */
export async function arrange(pictures: readonly Picture[], shown: Shown): Promise<Picture> {
  if ("columns" in shown) return contactSheet(pictures, { ...shown, ...(pictures.length === 1 ? { gap: 0 } : {}) });
  const picture = pictures[shown.place];
  if (picture !== undefined) return picture;
  throw new ArgumentError(`There is no picture ${shown.place} among ${pictures.length}`, {
    hint: "Places are counted from 0.",
  });
}
