/**
 * A small text encoder: embeddings, learned positions and two transformer blocks that see all tokens but the padding. A start token that
 * is always there comes first. It makes the empty prompt, which is also the null value, an ordinary one: what reads the tokens always
 * has one to attend to.
 *
 * B: batch, T: tokens, D: width.
 */
import { concat, full, normal, type Scope, type Tensor } from "@atelier/engine";
import { transformerPresets } from "../backbones/configuration.js";
import { attendToVisible, transformer } from "../backbones/transformer.js";

const { classic } = transformerPresets("text encoder");
const LAYERS = 2;

export interface EncodedTokens {
  /** (B, T + 1, D), the start token first; of no meaning where the mask is 0. */
  readonly values: Tensor;
  /** (B, T + 1) float32: 1 for tokens, 0 for padding. */
  readonly mask: Tensor;
  /** (B, D): the mean over the tokens. */
  readonly pooled: Tensor;
}

/** tokens: (B, T) int32 below `vocabulary`, padded with −1 */
export function encodeTokens(scope: Scope, tokens: Tensor, vocabulary: number, width: number): EncodedTokens {
  const [batch, length] = tokens.shape as [number, number];
  const heads = width % 64 === 0 ? width / 64 : 1;
  const c = classic({ vocabulary, context: length + 1, layers: LAYERS, heads, width });
  const mask = concat([full([batch, 1], 1), tokens.greaterEqual(0).cast("float32")], 1); // (B, T + 1)
  const table = scope.param("embedding", [vocabulary, width], normal(0.02));
  const start = scope.param("start", [width], normal(0.02)).broadcastTo([batch, 1, width]);
  const embedded = concat([start, table.gather(tokens.maximum(0))], 1); // (B, T + 1, D)
  const x = embedded.add(scope.param("positions", [length + 1, width], normal(0.02)));
  const values = transformer(scope, c, { x, angles: undefined, attend: attendToVisible(mask) }); // (B, T + 1, D)
  const pooled = values.mul(mask.expandDims(-1)).sum(1).div(mask.sum(1, true)); // (B, D)
  return { values, mask, pooled };
}
