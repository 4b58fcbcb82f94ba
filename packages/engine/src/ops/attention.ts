/** Attention and rotary positions. Tensors are laid out (B, H, T, D): batch, heads, positions, width of a head. */

import { hostTensor } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { located } from "../graph/place.js";
import { apply, concat, constant, type Tensor } from "../graph/tensor.js";
import { describeShape, equalShapes } from "../shape.js";

/** Added to the scores of positions that may not be seen: far below any score, yet finite, so that no NaN can arise. */
export const MASKED = -1e9;

/**
 * Scaled dot-product attention, softmax(Q Kᵀ / √D + bias) V (Vaswani et al. 2017, section 3.2.1).
 *
 * query: (B, H, T, D); key, value: (B, G, S, D), where H is a multiple of G (grouped-query attention, Ainslie et al. 2023).
 * `causal` lets position t see the keys up to t + S − T; `bias` is added to the scores and broadcasts to (B, H, T, S).
 * @returns (B, H, T, D)
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: { readonly causal?: boolean; readonly bias?: Tensor; readonly scale?: number } = {},
): Tensor {
  const [batch, heads, length, width] = query.shape;
  const [, groups, span] = key.shape;
  if (query.rank !== 4 || key.rank !== 4 || value.rank !== 4 || heads! % groups! !== 0) {
    throw located(
      "attention",
      `query (B, H, T, D) and key, value (B, G, S, D) with H a multiple of G are needed, got ` +
        [query, key, value].map((x) => describeShape(x.shape)).join(", "),
      [query, key, value],
    );
  }
  const shared = heads! / groups!;
  // Query heads that share a key head lie side by side: they become more rows of one product.
  const q = shared === 1 ? query : query.reshape([batch!, groups!, shared * length!, width!]); // (B, G, H/G·T, D)
  let scores = q.matmul(key.transposeLast()).mul(options.scale ?? 1 / Math.sqrt(width!)); // (B, G, H/G·T, S)
  if (shared !== 1) scores = scores.reshape([batch!, heads!, length!, span!]);
  if (options.causal === true) scores = scores.add(causalBias(length!, span!));
  if (options.bias !== undefined) scores = scores.add(options.bias);
  let weights = scores.softmax(-1); // (B, H, T, S)
  if (shared !== 1) weights = weights.reshape([batch!, groups!, shared * length!, span!]);
  return weights.matmul(value).reshape([batch!, heads!, length!, value.shape[3]!]); // (B, H, T, D)
}

/** (T, S): 0 where position t may see key s, MASKED elsewhere. */
function causalBias(length: number, span: number): Tensor {
  const data = new Float32Array(length * span);
  for (let t = 0; t < length; t++) {
    const visible = Math.max(0, span - length + t + 1);
    data.fill(MASKED, t * span + visible, (t + 1) * span);
  }
  return constant(hostTensor(data, [length, span]));
}

/** cos and sin of the rotary angles of positions 0 … length − 1: two (length, D/2) tables. */
export function rotaryTable(length: number, width: number, base = 10_000): { cos: Tensor; sin: Tensor } {
  if (width % 2 !== 0) throw new ShapeError(`rotaryTable: the width of a head must be even, got ${width}`);
  const half = width / 2;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  for (let t = 0; t < length; t++) {
    for (let i = 0; i < half; i++) {
      const angle = t * base ** (-i / half);
      cos[t * half + i] = Math.cos(angle);
      sin[t * half + i] = Math.sin(angle);
    }
  }
  return { cos: constant(hostTensor(cos, [length, half])), sin: constant(hostTensor(sin, [length, half])) };
}

/**
 * Rotary position embedding (Su et al. 2021), in the halves layout: the pairs are (i, i + D/2). x: (…, T, D); cos, sin: (T, D/2),
 * (B, 1, T, D/2) where rows stand at positions of their own, or anything that broadcasts to (…, T, D/2).
 */
export function rotary(x: Tensor, { cos, sin }: { readonly cos: Tensor; readonly sin: Tensor }): Tensor {
  const width = x.shape.at(-1) ?? 0;
  if (x.rank === 0 || width % 2 !== 0) {
    throw located("rotary", `the width of a head must be even, got ${describeShape(x.shape)}`, [x]);
  }
  const table = [x.shape.at(-2) ?? 0, width / 2];
  const both = (shape: readonly number[]): boolean => equalShapes(cos.shape, shape) && equalShapes(sin.shape, shape);
  if ((cos.node.op === "constant" && both(table)) || (x.rank === 4 && both([x.shape[0]!, 1, ...table]))) {
    return apply("rotary", [x, cos, sin]);
  }
  const [first, second] = x.split([width / 2, width / 2], -1); // (…, T, D/2) each
  return concat([first!.mul(cos).sub(second!.mul(sin)), second!.mul(cos).add(first!.mul(sin))], -1);
}
