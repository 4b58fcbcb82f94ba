/**
 * The small picture that stands for a picture where copies are looked for: 16×16, each of its pixels the mean of what it covers. All that
 * is finer, and so most of what compression and resizing change, is gone.
 */
import type { Picture } from "../picture.js";

export const thumbnailSide = 16;

/** How the pixels of one side become those of a shorter or longer one: for each of them, where it begins and what weighs how much. */
interface Cover {
  readonly starts: Uint32Array;
  readonly weights: readonly Float64Array[];
}

const covers = new Map<number, Cover>();

function coverOf(length: number): Cover {
  let cover = covers.get(length);
  if (cover === undefined) {
    const step = length / thumbnailSide;
    const starts = Uint32Array.from({ length: thumbnailSide }, (_, j) => Math.floor(j * step));
    const weights = Array.from(starts, (start, j) => {
      const [from, to] = [j * step, (j + 1) * step];
      const end = Math.min(length, Math.ceil(to));
      return Float64Array.from({ length: end - start }, (_, i) => {
        const pixel = start + i;
        return (Math.min(to, pixel + 1) - Math.max(from, pixel)) / step;
      });
    });
    cover = { starts, weights };
    covers.set(length, cover);
  }
  return cover;
}

/** The picture at 16×16, whatever its shape, with its channels: (16, 16, C), from 0 to 255. */
export function thumbnail({ width, height, channels, data }: Picture): Float32Array {
  const across = coverOf(width);
  const down = coverOf(height);
  const rows = new Float64Array(height * thumbnailSide * channels); // (H, 16, C)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < thumbnailSide; x++) {
      const weights = across.weights[x]!;
      const to = (y * thumbnailSide + x) * channels;
      for (let i = 0; i < weights.length; i++) {
        const from = (y * width + across.starts[x]! + i) * channels;
        for (let c = 0; c < channels; c++) rows[to + c]! += weights[i]! * data[from + c]!;
      }
    }
  }
  const stride = thumbnailSide * channels;
  const out = new Float32Array(thumbnailSide * stride);
  for (let y = 0; y < thumbnailSide; y++) {
    const weights = down.weights[y]!;
    for (let k = 0; k < stride; k++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i]! * rows[(down.starts[y]! + i) * stride + k]!;
      out[y * stride + k] = sum;
    }
  }
  return out;
}
