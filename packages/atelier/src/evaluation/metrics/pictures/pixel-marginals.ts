/**
 * The trivial model of pictures that every other has to beat: each value of a picture is drawn on its own from what the training
 * pictures have in that place. It has their average and their contrast, and nothing of their shapes.
 */
import { ArgumentError, type RandomKey } from "@atelier/engine";

/**
 * @param pictures (N, size) bytes, one picture a row.
 * @param size bytes of a picture: height · width · channels.
 * @returns (count, size) bytes.
 * @throws {ArgumentError} for no pictures, or bytes that are no whole pictures.
 */
export function pixelMarginals(pictures: Uint8Array, size: number, count: number, key: RandomKey): Uint8Array {
  const available = pictures.length / size;
  if (!Number.isInteger(available) || available < 1) {
    throw new ArgumentError(`${pictures.length} bytes are no pictures of ${size}`, {
      hint: "Give whole pictures, at least one, all of the same size.",
    });
  }
  const drawn = new Uint8Array(count * size);
  const words = new Uint32Array(size);
  for (let i = 0; i < count; i++) {
    key.at(i).bits(words);
    for (let place = 0; place < size; place++) {
      const from = Math.floor((words[place]! * available) / 2 ** 32);
      drawn[i * size + place] = pictures[from * size + place]!;
    }
  }
  return drawn;
}
