/**
 * What a network predicts of a noised picture, and how a denoiser is made of it: D(x; σ) = c_skip x + c_out F(c_in x; c_noise) (Karras et
 * al. 2022, equation 7 and table 1). Losses and samplers see this form alone.
 *
 * Everything here is in units of the data's own deviation: x₀ has about unit variance, ρ = σ / σ_data is the ratio of noise to picture.
 */
import { full, type Tensor } from "@atelier/engine";

export const predictions = ["epsilon", "x", "v", "flow"] as const;

/**
 * - `epsilon`: the noise (Ho et al. 2020, section 3.2)
 * - `x`: the picture
 * - `v`: of both as much as the other is there, √ᾱ ε − √(1 − ᾱ) x₀ (Salimans and Ho 2022, "Progressive distillation for fast sampling of
 *   diffusion models", section 4). But for the sign it is the preconditioning of Karras et al. 2022.
 * - `flow`: the velocity ε − x₀ of a straight line between the two, (1 − t) x₀ + t ε (Lipman et al. 2023, "Flow matching for generative
 *   modeling"; Liu et al. 2023, "Flow straight and fast")
 */
export type Prediction = (typeof predictions)[number];

/** Coefficients, each of the shape of ρ. */
export interface Preconditioning {
  readonly skip: Tensor;
  readonly out: Tensor;
  readonly in: Tensor;
  /** What the network should say: so much of x₀ and so much of ε. */
  readonly target: { readonly picture: Tensor; readonly noise: Tensor };
}

export function precondition(prediction: Prediction, ratio: Tensor): Preconditioning {
  const [zero, one] = [full(ratio.shape, 0), full(ratio.shape, 1)];
  /** √ᾱ of the process whose variance stays 1 */
  const alpha = ratio.square().add(1).sqrt().reciprocal();
  switch (prediction) {
    case "epsilon":
      return { skip: one, out: ratio.neg(), in: alpha, target: { picture: zero, noise: one } };
    case "x":
      return { skip: zero, out: one, in: alpha, target: { picture: one, noise: zero } };
    case "v": {
      const share = ratio.mul(alpha).neg();
      return { skip: alpha.square(), out: share, in: alpha, target: { picture: share, noise: alpha } };
    }
    case "flow": {
      /** 1 − t */
      const part = ratio.add(1).reciprocal();
      return { skip: part, out: ratio.mul(part).neg(), in: part, target: { picture: one.neg(), noise: one } };
    }
  }
}

/** c_noise: what the network is told of the noise, 0 to 1000: the time of flow matching, t = ρ / (1 + ρ), in thousandths. */
export const timeOf = (ratio: Tensor): Tensor => ratio.div(ratio.add(1)).mul(1000);
