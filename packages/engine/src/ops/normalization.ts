/** Layer norm and RMS norm over the last axis. */
import { applyAll, type Tensor } from "../graph/tensor.js";

/** (x − μ) / √(σ² + ε) · scale + shift (Ba et al. 2016). x: (…, C); scale, shift: (C). */
export function layerNorm(x: Tensor, scale?: Tensor, shift?: Tensor, epsilon = 1e-5): Tensor {
  const normal = applyAll("normalize", [x], { centred: true, epsilon })[0]!;
  const scaled = scale === undefined ? normal : normal.mul(scale);
  return shift === undefined ? scaled : scaled.add(shift);
}

/** x / √(mean x² + ε) · scale (Zhang and Sennrich 2019). x: (…, C); scale: (C). */
export function rmsNorm(x: Tensor, scale?: Tensor, epsilon = 1e-6): Tensor {
  const normal = applyAll("normalize", [x], { centred: false, epsilon })[0]!;
  return scale === undefined ? normal : normal.mul(scale);
}
