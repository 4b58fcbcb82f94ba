/**
 * CIFAR-10 and CIFAR-100 in their binary versions (Krizhevsky 2009, www.cs.toronto.edu/~kriz/cifar.html): of every picture one label
 * (CIFAR-100: a coarse and a fine one), then 32×32 red, green and blue values, plane after plane. Text files name the classes.
 */
import { basename, dirname } from "node:path";
import { FormatError } from "@atelier/engine/errors";
import { type ReadOptions, readBytes, readText } from "../sources/read-file.js";
import type { Picture } from "./picture.js";
import type { PictureRecord } from "./picture-dataset.js";
import type { PictureSplit } from "./picture-set.js";

const side = 32;
const area = side * side;

/** Which binary file of the distributions a name is: how many labels go before a picture, and to which part it belongs. */
function kindOfBinary(path: string): { readonly labels: 1 | 2; readonly split: PictureSplit } | undefined {
  const name = basename(path).replace(/\.gz$/i, "");
  if (/^data_batch_\d+\.bin$/.test(name)) return { labels: 1, split: "train" };
  if (name === "test_batch.bin") return { labels: 1, split: "test" };
  if (name === "train.bin") return { labels: 2, split: "train" };
  return name === "test.bin" ? { labels: 2, split: "test" } : undefined;
}

export const isCifar = (path: string): boolean => kindOfBinary(path) !== undefined;

/** Planes to pixels. */
function interleave(planes: Uint8Array): Picture {
  const data = new Uint8Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let channel = 0; channel < 3; channel++) data[3 * i + channel] = planes[channel * area + i]!;
  }
  return { width: side, height: side, channels: 3, data };
}

async function classNames(path: string, options: ReadOptions): Promise<string[]> {
  let text = "";
  for await (const part of readText(path, options)) text += part;
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/**
 * The pictures of CIFAR files, by their fine classes; classes are numbers where no file beside them names them.
 * @param all the paths of all files beside them. @param nameOf what a file is called in names of records.
 * @throws FormatError where a file is no whole number of pictures, or names a class that is not there.
 */
export async function cifarRecords(
  batches: readonly string[],
  all: readonly string[],
  nameOf: (path: string) => string,
  options: ReadOptions = {},
): Promise<PictureRecord[]> {
  const divided = new Set(batches.map((path) => kindOfBinary(path)?.split)).size === 2;
  const records: PictureRecord[] = [];
  for (const path of batches) {
    const { labels, split } = kindOfBinary(path) ?? { labels: 1, split: undefined };
    const bytes = await readBytes(path, options);
    const each = labels + 3 * area;
    if (bytes.length === 0 || bytes.length % each !== 0) {
      throw new FormatError(`${path} has ${bytes.length} bytes, no whole number of CIFAR pictures of ${each}`, {
        hint: "Fetch it again: it was cut off, or is no CIFAR file in the binary version.",
      });
    }
    const meta = labels === 1 ? "batches.meta.txt" : "fine_label_names.txt";
    const metaPath = all.find((other) => basename(other) === meta && dirname(other) === dirname(path));
    const names = metaPath === undefined ? undefined : await classNames(metaPath, options);
    for (let i = 0; i * each < bytes.length; i++) {
      const start = i * each + labels;
      const number = bytes[start - 1]!;
      const label = names === undefined ? String(number) : names[number];
      if (label === undefined) {
        throw new FormatError(`${path} has a picture of class ${number}, but ${meta} names ${names?.length} classes`, {
          hint: "The files do not belong together.",
        });
      }
      const planes = bytes.subarray(start, start + 3 * area);
      records.push({
        name: `${nameOf(path)}:${i + 1}`,
        label,
        split: divided ? split : undefined,
        read: async () => interleave(planes),
      });
    }
  }
  return records;
}
