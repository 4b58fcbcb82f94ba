/**
 * What the two networks of a GAN minimise, of the scores that the discriminator gives, and how steeply those change with the picture.
 *
 * B: batch.
 */
import { gradients, softplus, type Tensor } from "@atelier/engine";
import type { GanLoss } from "./configuration.js";

/** What the discriminator says of real and of generated pictures: (B) each. */
export interface Scores {
  readonly real: Tensor;
  readonly fake: Tensor;
}

/** Without its penalty: () */
export function discriminatorLoss(kind: GanLoss["kind"], { real, fake }: Scores): Tensor {
  switch (kind) {
    // −log σ(real) − log(1 − σ(fake)) (Goodfellow et al. 2014, equation 1)
    case "non-saturating":
      return softplus(real.neg()).mean().add(softplus(fake).mean());
    // Arjovsky et al. 2017, algorithm 1
    case "wasserstein":
      return fake.mean().sub(real.mean());
    // −log σ(real − fake) (Jolicoeur-Martineau 2018; Huang et al. 2024, section 2)
    case "relativistic":
      return softplus(fake.sub(real)).mean();
  }
}

/** () */
export function generatorLoss(kind: GanLoss["kind"], { real, fake }: Scores): Tensor {
  switch (kind) {
    case "non-saturating":
      return softplus(fake.neg()).mean();
    case "wasserstein":
      return fake.mean().neg();
    case "relativistic":
      return softplus(real.sub(fake)).mean();
  }
}

/**
 * |∇D|² at each picture, which can be differentiated once more. Every score must depend on its own picture alone.
 * scores: (B), x: (B, …) → (B)
 */
export function squaredSlopes(scores: Tensor, x: Tensor): Tensor {
  const [slopes] = gradients(scores.sum(), [x]) as [Tensor];
  return slopes.reshape([slopes.shape[0]!, -1]).square().sum(1);
}

/** (|∇D| − 1)², its mean (Gulrajani et al. 2017, equation 3). squared: (B) → () */
export const distanceFromOne = (squared: Tensor): Tensor =>
  // The root has no derivative at 0, where the discriminator is flat.
  squared.add(1e-12).sqrt().sub(1).square().mean();
