/**
 * The residual block of picture networks: group norm, SiLU and a convolution, twice (Ho et al. 2020, appendix B). A conditioning vector
 * scales and shifts the second norm (FiLM, Perez et al. 2018; "AdaGN" in Dhariwal and Nichol 2021, section 4.3).
 */
import { averagePool, resizeNearest, type Scope, silu, type Tensor, zeros } from "@atelier/engine";
import { convolution } from "../layers/convolution.js";
import { pictureNorm } from "./picture-norm.js";

export interface ResnetBlockSettings {
  /** Channels of the result. */
  readonly channels: number;
  readonly dropout?: number | undefined;
  /** Doubles (nearest) or halves (averages) height and width on the way. */
  readonly resize?: "up" | "down" | undefined;
}

/** x: (B, C, H, W), vector: (B, any width) → (B, channels, H', W'), x itself at first, where nothing changes its shape */
export function resnetBlock(
  scope: Scope,
  x: Tensor,
  vector: Tensor | undefined,
  { channels, dropout = 0, resize }: ResnetBlockSettings,
): Tensor {
  const first = resized(silu(pictureNorm(scope.at("norm1"), x)), resize);
  let h = convolution(scope.at("conv1"), first, { channels, kernel: 3, padding: 1 }); // (B, channels, H', W')
  h = silu(pictureNorm(scope.at("norm2"), h, vector));
  h = scope.dropout("dropout", h, dropout);
  h = convolution(scope.at("conv2"), h, { channels, kernel: 3, padding: 1, weight: zeros });
  const skipped = resized(x, resize);
  const skip =
    skipped.shape[1] === channels ? skipped : convolution(scope.at("skip"), skipped, { channels, kernel: 1 });
  return skip.add(h);
}

function resized(x: Tensor, resize: "up" | "down" | undefined): Tensor {
  if (resize === undefined) return x;
  const [height, width] = x.shape.slice(2) as [number, number];
  return resize === "up" ? resizeNearest(x, [2 * height, 2 * width]) : averagePool(x, { kernel: 2 });
}
