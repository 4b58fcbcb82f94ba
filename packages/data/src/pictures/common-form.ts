/** What size and how many channels suit the pictures of a dataset, from the headers of some of them. */
import sharp from "sharp";
import { NoPicturesError } from "../errors.js";
import type { PictureChannels } from "./picture.js";
import type { PictureRecord } from "./picture-dataset.js";

export interface CommonForm {
  /** [width, height] that all have; undefined where they differ. */
  readonly size: readonly [width: number, height: number] | undefined;
  /** 1 where all are grey, else 3. */
  readonly channels: PictureChannels;
}

/** Headers that are looked at: records at equal distances. */
const LOOKED_AT = 64;

/** Pictures whose header cannot be read have no say. @throws NoPicturesError where no header can be read. */
export async function commonForm(records: readonly PictureRecord[]): Promise<CommonForm> {
  const count = Math.min(LOOKED_AT, records.length);
  const chosen = Array.from({ length: count }, (_, i) => records[Math.floor((i * records.length) / count)]!);
  const forms = (await Promise.all(chosen.map((record) => formOf(record).catch(() => undefined)))).filter(
    (form) => form !== undefined,
  );
  const [first] = forms;
  if (first === undefined) {
    throw new NoPicturesError(
      `None of the ${chosen.length} files that were looked at can be read as a picture: ${chosen[0]?.name ?? "there are none"}`,
      { hint: "Give PNG, JPEG, WebP, GIF, SVG, AVIF or TIFF files, or an IDX or CIFAR file." },
    );
  }
  const same = forms.every(({ size }) => size.join() === first.size.join());
  return {
    size: same ? first.size : undefined,
    channels: forms.every(({ grey }) => grey) ? 1 : 3,
  };
}

async function formOf(record: PictureRecord): Promise<{ size: readonly [number, number]; grey: boolean }> {
  const content = await record.read();
  if (!(content instanceof Uint8Array)) return { size: [content.width, content.height], grey: content.channels === 1 };
  const { autoOrient, space } = await sharp(content, { limitInputPixels: false }).metadata();
  return { size: [autoOrient.width, autoOrient.height], grey: space === "b-w" || space === "grey16" };
}
