/**
 * IDX files, the format of MNIST and its family (LeCun, Cortes, Burges, yann.lecun.com/exdb/mnist, "File formats"): two zero bytes, a
 * type (8: unsigned bytes), the number of dimensions, their sizes as big-endian 32-bit numbers, then the data. Labels have a file of
 * their own, found by its name.
 */
import { basename } from "node:path";
import { FormatError } from "@atelier/engine/errors";
import { type ReadOptions, readBytes } from "../sources/read-file.js";
import { isChannels, type Picture } from "./picture.js";
import type { PictureRecord } from "./picture-dataset.js";
import { splitNamed } from "./picture-names.js";

/** `train-images-idx3-ubyte`, `t10k-images.idx3-ubyte.gz`. */
export const isIdxImages = (path: string): boolean => /[-_.]idx[34](?:-ubyte)?(?:\.gz)?$/i.test(path);

/** Where the labels of an images file would be. */
export const labelsPathOf = (path: string): string =>
  path.replace(/images([^/\\]*)$/i, "labels$1").replace(/idx[34]([^/\\]*)$/i, "idx1$1");

interface IdxArray {
  readonly sizes: readonly number[];
  readonly data: Uint8Array;
}

/** @throws FormatError where it is none, of another type, or cut off. */
export function parseIdx(bytes: Uint8Array, where: string): IdxArray {
  const wrong = (what: string): FormatError =>
    new FormatError(`${where} ${what}`, {
      hint: "Fetch it again: it was cut off or altered, or is no IDX file of bytes.",
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dimensions = bytes[3] ?? 0;
  const start = 4 + 4 * dimensions;
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8 || dimensions === 0 || bytes.length < start)
    throw wrong("is no IDX file of unsigned bytes");
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = sizes.reduce((product, size) => product * size, 1);
  if (bytes.length - start !== expected)
    throw wrong(`has ${bytes.length - start} bytes of data, not ${sizes.join("×")} = ${expected}`);
  return { sizes, data: bytes.subarray(start) };
}

/** "train" of `train-images-idx3-ubyte`, "emnist-letters-test" of `emnist-letters-test-images-idx3-ubyte.gz`. */
const splitOf = (path: string) =>
  basename(path)
    .split(/[-_.]/)
    .map(splitNamed)
    .find((split) => split !== undefined);

/**
 * The pictures of IDX files, labelled by their digits where the labels' files are among `all`.
 * @param all the paths of all files beside them. @param nameOf what a file is called in names of records.
 * @throws FormatError where a file is broken, or labels are not as many as pictures.
 */
export async function idxRecords(
  images: readonly string[],
  all: readonly string[],
  nameOf: (path: string) => string,
  options: ReadOptions = {},
): Promise<PictureRecord[]> {
  const divided = new Set(images.map(splitOf)).size === 2 && images.every((path) => splitOf(path) !== undefined);
  const records: PictureRecord[] = [];
  for (const path of images) {
    const { sizes, data } = parseIdx(await readBytes(path, options), path);
    const [count = 0, height = 0, width = 0, channels = 1] = sizes;
    if (sizes.length < 3 || !isChannels(channels)) {
      throw new FormatError(`${path} has the sizes ${sizes.join("×")}, which are no pictures`, {
        hint: "Pictures are count × height × width, or these × 1, 3 or 4 channels.",
      });
    }
    const wanted = labelsPathOf(path);
    // The one may be packed and the other not.
    const labelsPath = [wanted, wanted.replace(/\.gz$/i, ""), `${wanted}.gz`].find(
      (candidate) => candidate !== path && all.includes(candidate),
    );
    const labels = labelsPath === undefined ? undefined : parseIdx(await readBytes(labelsPath, options), labelsPath);
    if (labels !== undefined && labels.data.length !== count) {
      throw new FormatError(`${labelsPath} has ${labels.data.length} labels for ${count} pictures`, {
        hint: "The two files do not belong together.",
      });
    }
    const split = divided ? splitOf(path) : undefined;
    const bytes = height * width * channels;
    // Packed or not, they are the same pictures.
    const name = nameOf(path).replace(/\.gz$/i, "");
    for (let i = 0; i < count; i++) {
      const picture: Picture = { width, height, channels, data: data.subarray(i * bytes, (i + 1) * bytes) };
      records.push({
        name: `${name}:${i + 1}`,
        label: labels === undefined ? undefined : String(labels.data[i]),
        split,
        read: async () => picture,
      });
    }
  }
  return records;
}
