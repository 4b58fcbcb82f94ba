/**
 * Multi-head attention of a sequence to itself, or to the tokens that it is conditioned on (Vaswani et al. 2017, section 3.2.2).
 *
 * B: batch, T: positions, S: tokens attended to, C: width, H: heads, D: head width.
 */
import { attention, type Initializer, MASKED, rmsNorm, type Scope, type Tensor } from "@atelier/engine";
import type { Conditioning } from "../conditions/embed.js";
import { linear } from "../layers/linear.js";
import { keeping } from "./settings.js";

export interface AttentionSettings {
  readonly heads: number;
  /** RMS norm of queries and keys, which bounds the attention logits (Henry et al. 2020; Dehghani et al. 2023). */
  readonly queryKeyNorm?: boolean | undefined;
  /** Of the layer that writes the result; by default it keeps the variance. */
  readonly output?: Initializer | undefined;
  /** (B, T) float32: 0 for positions that may not be seen. */
  readonly mask?: Tensor | undefined;
}

/** x: (B, T, C) → (B, T, C), C a multiple of the heads */
export function selfAttention(scope: Scope, x: Tensor, settings: AttentionSettings): Tensor {
  const width = x.shape[2]!;
  const joint = linear(scope.at("qkv"), x, 3 * width, { bias: true, weight: keeping(width) }); // (B, T, 3 C)
  const [both, v] = headsOf(joint, 3 * settings.heads).split([2 * settings.heads, settings.heads], 1);
  const [q, k] = normalised(both!, settings).split([settings.heads, settings.heads], 1);
  return attend(scope, [q!, k!, v!], settings); // (B, T, C)
}

/** x: (B, T, C), tokens: (B, S, any width) → (B, T, C) */
export function crossAttention(
  scope: Scope,
  x: Tensor,
  tokens: NonNullable<Conditioning["tokens"]>,
  settings: Omit<AttentionSettings, "mask">,
): Tensor {
  const width = x.shape[2]!;
  const read = tokens.values.shape[2]!;
  const query = linear(scope.at("query"), x, width, { bias: true, weight: keeping(width) });
  const joint = linear(scope.at("key-value"), tokens.values, 2 * width, { bias: true, weight: keeping(read) });
  const q = normalised(headsOf(query, settings.heads), settings); // (B, H, T, D)
  const [k, v] = headsOf(joint, 2 * settings.heads).split([settings.heads, settings.heads], 1); // (B, H, S, D)
  return attend(scope, [q, normalised(k!, settings), v!], { ...settings, mask: tokens.mask }); // (B, T, C)
}

/** (B, T, H · D) → (B, H, T, D) */
function headsOf(x: Tensor, heads: number): Tensor {
  const [batch, length, width] = x.shape as [number, number, number];
  return x.reshape([batch, length, heads, width / heads]).transpose([0, 2, 1, 3]);
}

const normalised = (x: Tensor, { queryKeyNorm }: AttentionSettings): Tensor => (queryKeyNorm === true ? rmsNorm(x) : x);

function attend(
  scope: Scope,
  [query, key, value]: readonly [Tensor, Tensor, Tensor],
  { mask, output }: AttentionSettings,
): Tensor {
  const [batch, heads, length, width] = query.shape as [number, number, number, number];
  // 0 where a position may be seen, MASKED where not
  const bias = mask?.sub(1).mul(-MASKED).reshape([batch, 1, 1, key.shape[2]!]);
  const mixed = attention(query, key, value, bias === undefined ? {} : { bias }); // (B, H, T, D)
  const joined = mixed.transpose([0, 2, 1, 3]).reshape([batch, length, heads * width]); // (B, T, C)
  return linear(scope.at("output"), joined, heads * width, { bias: true, weight: output ?? keeping(heads * width) });
}
