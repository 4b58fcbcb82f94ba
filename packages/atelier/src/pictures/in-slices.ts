/** Goes through the pictures of a set some at a time, since the values of all of them need not fit into memory. */
import type { ImageCodec, PictureSet } from "@atelier/data";
import type { PassOptions, Values } from "./picture-family.js";

/** Pictures whose values are in memory at once. */
const SLICE = 1024;

/**
 * What is made of pictures, one after another.
 * @param all as long as it will be, to be filled: equally many numbers for each picture
 * @param make of the values of some pictures
 */
export async function inSlices<Made extends Float32Array | Int32Array>(
  pictures: PictureSet,
  codec: ImageCodec,
  all: Made,
  make: (values: Values) => Promise<Made>,
  { signal, onProgress }: PassOptions = {},
): Promise<Made> {
  const each = all.length / pictures.length;
  for (let from = 0; from < pictures.length; from += SLICE) {
    signal?.throwIfAborted();
    const count = Math.min(SLICE, pictures.length - from);
    all.set(await make(codec.encode(pictures.rows(Array.from({ length: count }, (_, i) => from + i)))), from * each);
    onProgress?.(from + count, pictures.length);
  }
  return all;
}
