/**
 * How alike two pictures are: cut into 8×8 squares and brought to the same brightness and contrast, by the square that differs most.
 * Compression and resizing change every square a little; another picture after the same pattern changes few, but more. A correlation of
 * the whole tells these apart less well: at 0.995 it finds 92 % of copies saved as JPEG of quality 60, and takes 250 of the 3,786 emoji of
 * Noto for copies of others; this, at 0.75, finds 95 % and takes 105, which differ in hardly more than brightness.
 */
import { thumbnailSide } from "./thumbnail.js";

const side = 8;
const block = thumbnailSide / side;

/**
 * A thumbnail, (16, 16, C), as 8×8 with mean 0 and standard deviation 1 over all values together, so that colours keep their relation. One
 * with a deviation of less than a level has no contrast to standardise: it stays as it is, and is alike only to what is equal.
 */
export function standardised(thumbnail: Float32Array): Float32Array {
  const channels = thumbnail.length / (thumbnailSide * thumbnailSide);
  const out = new Float32Array(side * side * channels);
  for (let i = 0; i < thumbnail.length; i++) {
    const channel = i % channels;
    const pixel = (i - channel) / channels;
    const x = Math.floor((pixel % thumbnailSide) / block);
    const y = Math.floor(pixel / (thumbnailSide * block));
    out[(y * side + x) * channels + channel]! += thumbnail[i]! / (block * block);
  }
  const mean = out.reduce((sum, value) => sum + value, 0) / out.length;
  const deviation = Math.sqrt(out.reduce((sum, value) => sum + (value - mean) ** 2, 0) / out.length);
  return deviation < 1 ? out : out.map((value) => (value - mean) / deviation);
}

/** 1 less the greatest difference of two standardised pictures, in standard deviations; 0 at least. */
export function similarity(a: Float32Array, b: Float32Array): number {
  let greatest = 0;
  for (let i = 0; i < a.length && greatest < 1; i++) greatest = Math.max(greatest, Math.abs(a[i]! - b[i]!));
  return Math.max(0, 1 - greatest);
}
