/** Activation functions, composed of primitives. */
import type { Tensor } from "../graph/tensor.js";

/** Gaussian error linear unit, x Φ(x) (Hendrycks and Gimpel 2016); `tanh` is their approximation, as GPT-2 uses it. */
export function gelu(x: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  if (approximate === "none") return x.mul(x.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5));
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(inner.tanh().mul(0.5).add(0.5));
}

/** x σ(x), also called swish (Elfwing et al. 2017). */
export const silu = (x: Tensor): Tensor => x.mul(x.sigmoid());

/** max(x, 0)² (So et al. 2021, "Primer"). */
export const reluSquared = (x: Tensor): Tensor => x.relu().square();

/** log(1 + eˣ), without overflow: max(x, 0) + log(1 + e^−|x|). */
export const softplus = (x: Tensor): Tensor => x.relu().add(x.abs().neg().exp().add(1).log());
