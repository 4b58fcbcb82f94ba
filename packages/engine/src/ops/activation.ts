/** Activation functions, composed of primitives. */
import type { Tensor } from "../graph/tensor.js";

/** Gaussian error linear unit, x Φ(x) (Hendrycks and Gimpel 2016); `tanh` is their approximation, as GPT-2 uses it. */
export function gelu(x: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  if (approximate === "none") return x.mul(x.normalCdf());
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().mul(0.5).add(0.5));
}

/** x σ(x), also called swish (Elfwing et al. 2017). */
export const silu = (x: Tensor): Tensor => x.mul(x.sigmoid());

/** max(x, 0)² (So et al. 2021, "Primer"). */
export const reluSquared = (x: Tensor): Tensor => x.relu().square();

/**
 * log(1 + eˣ), without overflow: m + log(e^−m + e^(x − m)) with m = max(x, 0). No gradient flows through the shift m, so that the
 * derivative is σ(x) everywhere, also at zero, where max has none.
 */
export function softplus(x: Tensor): Tensor {
  const shift = x.relu().stopGradient();
  return shift.add(shift.neg().exp().add(x.sub(shift).exp()).log());
}
