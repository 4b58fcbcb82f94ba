/** A small GPT-like model for tests of passes, devices and scopes: embedding, attention, feed-forward, head, loss. */
import type { Tensor } from "./graph/tensor.js";
import { iota } from "./graph/tensor.js";
import { gelu } from "./ops/activation.js";
import { attention, rotary, rotaryTable } from "./ops/attention.js";
import { crossEntropy } from "./ops/loss.js";
import { layerNorm, rmsNorm } from "./ops/normalization.js";
import { normal, ones, type Scope, zeros } from "./scope.js";

export interface SmallTransformer {
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values. */
  readonly groups: number;
  readonly width: number;
  readonly vocabulary: number;
}

/** (B, T) tokens → (B·T, V) logits; called with sizes alone it declares its parameters. */
export function smallTransformer({ layers, heads, groups, width, vocabulary }: SmallTransformer) {
  const size = width / heads;

  const block = (scope: Scope, x: Tensor, batch: number, length: number): Tensor => {
    const split = (y: Tensor, count: number): Tensor => y.reshape([batch, length, count, size]).transpose([0, 2, 1, 3]);
    const table = rotaryTable(length, size);
    const attended = scope.at("attention", (at) => {
      const normal1 = rmsNorm(x, at.param("norm", [width], ones));
      const q = split(normal1.matmul(at.param("query", [width, width], normal(0.2))), heads);
      const k = split(normal1.matmul(at.param("key", [width, groups * size], normal(0.2))), groups);
      const v = split(normal1.matmul(at.param("value", [width, groups * size], normal(0.2))), groups);
      const y = attention(rotary(q, table), rotary(k, table), v, { causal: true });
      const joined = y.transpose([0, 2, 1, 3]).reshape([batch, length, width]);
      return at.dropout("dropout", joined.matmul(at.param("out", [width, width], normal(0.2))), 0.1);
    });
    const h = x.add(attended);
    return scope.at("mlp", (at) => {
      const scale = at.param("scale", [width], ones);
      const inner = layerNorm(h, scale, at.param("shift", [width], zeros))
        .matmul(at.param("in", [width, 2 * width], normal(0.2)))
        .add(at.param("bias", [2 * width], zeros));
      return h.add(gelu(inner, "tanh").matmul(at.param("out", [2 * width, width], normal(0.2))));
    });
  };

  const logits = (scope: Scope, batch: number, length: number, tokens?: Tensor): Tensor => {
    const table = scope.param("embedding", [vocabulary, width], normal(0.5));
    const ids =
      tokens ??
      iota(batch * length)
        .mul(0)
        .reshape([batch, length]);
    let x = table.gather(ids); // (B, T, C)
    for (let i = 0; i < layers; i++) x = scope.at("blocks").at(i, (at) => block(at, x, batch, length));
    const final = layerNorm(x, scope.param("norm", [width], ones));
    return final.reshape([batch * length, width]).matmul(table.transposeLast());
  };

  return Object.assign((scope: Scope, batch: number, length: number) => logits(scope, batch, length), {
    logits,
    loss: (scope: Scope, tokens: Tensor, targets: Tensor): Tensor =>
      crossEntropy(logits(scope, tokens.shape[0]!, tokens.shape[1]!, tokens), targets),
  });
}
