/**
 * Half-precision numbers as bits: IEEE 754 binary16 ("F16") and bfloat16 ("BF16", the upper half of a float32). JavaScript has no
 * arrays of either before Node 24, so files are converted here. Narrowing rounds to nearest, ties to even, as hardware does.
 */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Divides by 2^shift, rounding to nearest with ties to even. `value` is a non-negative integer below 2^32, 1 ≤ shift ≤ 31. */
function shiftRoundingToEven(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The 16 bits of the binary16 number nearest to `value`; beyond ±65,520 infinity, NaN stays NaN. */
export function toFloat16Bits(value: number): number {
  float[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  const fraction = word & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200 | (fraction >>> 13));
  if (exponent > 142) return sign | 0x7c00;
  // A carry out of the fraction moves into the exponent, up to infinity: the layout makes rounding a plain addition.
  if (exponent > 112) return sign | shiftRoundingToEven(((exponent - 112) << 23) | fraction, 13);
  // Subnormal in binary16: the implicit bit becomes explicit, in units of 2^-24.
  const shift = 126 - exponent;
  return shift > 24 ? sign : sign | shiftRoundingToEven(0x800000 | fraction, shift);
}

/** The number that 16 bits of binary16 stand for; exact in float32. */
export function fromFloat16Bits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of the bfloat16 number nearest to `value`; NaN stays a quiet NaN. */
export function toBfloat16Bits(value: number): number {
  float[0] = value;
  const word = bits[0]!;
  if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40;
  return shiftRoundingToEven(word, 16);
}

/** The number that 16 bits of bfloat16 stand for; exact in float32. */
export function fromBfloat16Bits(half: number): number {
  bits[0] = half << 16;
  return float[0]!;
}
