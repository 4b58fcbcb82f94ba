/**
 * The transformer, top to bottom in the order it computes, for whatever `attend` lets a position see. Vaswani et al. 2017 with the
 * norms before the layers (Radford et al. 2019, GPT-2); the variants are named at the settings that choose them. B: batch, T: positions, C: width, H: heads, G: key-value heads, D: head width, V: vocabulary.
 */
import {
  attention,
  gelu,
  type Initializer,
  MASKED,
  normal,
  reluSquared,
  rmsNorm,
  rotary,
  type Scope,
  silu,
  type Tensor,
  zeros,
} from "@atelier/engine";
import { linear } from "../layers/linear.js";
import { norm } from "../layers/norm.js";
import type { TransformerConfiguration } from "./configuration.js";

/** cos and sin of the rotary angles of the positions at hand, (T, D/2) or whatever broadcasts. */
export interface RotaryAngles {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** How queries meet keys and values: over the sequence itself while training, over a cache while generating. */
export type Attend = (query: Tensor, key: Tensor, value: Tensor, layer: number) => Tensor;

export interface TransformerInputs {
  /** Token embeddings plus learned positions, if there are any: (B, T, C) */
  readonly x: Tensor;
  readonly angles: RotaryAngles | undefined;
  readonly attend: Attend;
}

/** Embeddings in, normalised hidden states out: (B, T, C) → (B, T, C) */
export function transformer(
  scope: Scope,
  c: TransformerConfiguration,
  { x, angles, attend }: TransformerInputs,
): Tensor {
  let h = scope.dropout("embedding-dropout", x, c.dropout);
  if (c.norm === "rms-plain") h = rmsNorm(h);
  for (let layer = 0; layer < c.layers; layer++) {
    h = scope.at("blocks").at(layer, (block) => {
      const attended = block.at("attention", (s) =>
        selfAttention(s, c, norm(block.at("norm1"), h, c.norm, c.bias), angles, (q, k, v) => attend(q, k, v, layer)),
      );
      const between = h.add(attended); // (B, T, C)
      return between.add(block.at("mlp", (s) => mlp(s, c, norm(block.at("norm2"), between, c.norm, c.bias)))); // (B, T, C)
    });
  }
  return norm(scope.at("norm"), h, c.norm, c.bias); // (B, T, C)
}

function selfAttention(
  scope: Scope,
  c: TransformerConfiguration,
  x: Tensor,
  angles: RotaryAngles | undefined,
  attend: (query: Tensor, key: Tensor, value: Tensor) => Tensor,
): Tensor {
  const [batch, length] = x.shape as [number, number, number];
  const [h, g, d] = [c.heads, c.keyValueHeads, c.width / c.heads];
  const joint = linear(scope.at("qkv"), x, (h + 2 * g) * d, inner(c)); // (B, T, (H + 2G) D)
  const heads = joint.reshape([batch, length, h + 2 * g, d]).transpose([0, 2, 1, 3]); // (B, H + 2G, T, D)
  const [both, v] = heads.split([h + g, g], 1) as [Tensor, Tensor]; // (B, H + G, T, D), (B, G, T, D)
  const normal = c.queryKeyNorm ? rmsNorm(both) : both;
  const turned = angles === undefined ? normal : rotary(normal, angles);
  const [q, k] = turned.split([h, g], 1) as [Tensor, Tensor]; // (B, H, T, D), (B, G, T, D)
  const mixed = attend(q, k, v).transpose([0, 2, 1, 3]).reshape([batch, length, c.width]); // (B, T, C)
  return scope.dropout("dropout", linear(scope.at("output"), mixed, c.width, onto(c)), c.dropout); // (B, T, C)
}

function mlp(scope: Scope, c: TransformerConfiguration, x: Tensor): Tensor {
  let hidden: Tensor; // (B, T, hidden)
  if (c.activation === "swiglu") {
    // Shazeer 2020, "GLU variants improve transformer"
    hidden = silu(linear(scope.at("gate"), x, c.hidden, inner(c))).mul(
      linear(scope.at("expand"), x, c.hidden, inner(c)),
    );
  } else {
    const expanded = linear(scope.at("expand"), x, c.hidden, inner(c));
    hidden =
      c.activation === "relu-squared"
        ? reluSquared(expanded)
        : gelu(expanded, c.activation === "gelu" ? "none" : "tanh");
  }
  return scope.dropout("dropout", linear(scope.at("contract"), hidden, c.width, onto(c)), c.dropout); // (B, T, C)
}

/** The whole sequence at once, each position seeing itself and those before it. */
export const attendCausally: Attend = (query, key, value) => attention(query, key, value, { causal: true });

/** The whole sequence at once, each position seeing all. */
export const attendFully: Attend = (query, key, value) => attention(query, key, value);

/** As `attendFully`, but no position sees those where `visible` (B, T) float32 is 0: padding behind rows shorter than others. */
export function attendToVisible(visible: Tensor): Attend {
  const [batch, length] = visible.shape as [number, number];
  const bias = visible.sub(1).mul(-MASKED).reshape([batch, 1, 1, length]); // 0 or MASKED
  return (query, key, value) => attention(query, key, value, { bias });
}

/** Layers inside a block. With zero projections, weights keep the variance of what they read instead of GPT-2's 0.02. */
const inner = (c: TransformerConfiguration): { bias: boolean; weight: Initializer } => ({
  bias: c.bias,
  weight: c.zeroProjections ? normal(1 / Math.sqrt(c.width)) : normal(0.02),
});

/** Layers that write to the residual stream: scaled down by the number of such writes (GPT-2, section 2.3), or zero. */
const onto = (c: TransformerConfiguration): { bias: boolean; weight: Initializer } => ({
  bias: c.bias,
  weight: c.zeroProjections ? zeros : normal(0.02 / Math.sqrt(2 * c.layers)),
});
