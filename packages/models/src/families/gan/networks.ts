/**
 * The two networks of a GAN: one makes pictures of latent vectors, the other says how real they look.
 *
 * B: batch, L: latent width, C, H, W: channels, height and width.
 */
import { type Scope, type Tensor, zeros } from "@atelier/engine";
import { embedConditions } from "../../conditions/index.js";
import { spectralNorm } from "../../layers/spectral-norm.js";
import { decodeGrid, encodeGrid } from "../grid-network.js";
import type { ConditionValues } from "../picture-batch.js";
import type { GanConfiguration } from "./configuration.js";
import { residualDiscriminator, residualGenerator, scaled } from "./residual-network.js";

/** What conditions are embedded in. */
const CONDITION_WIDTH = 64;

/** z: (B, L), normal → pictures, (B, C, H, W) */
export const ganGenerate = (scope: Scope, c: GanConfiguration, z: Tensor, values: ConditionValues = {}): Tensor =>
  asPictures(c, ganOutput(scope, c, z, values));

/** What the generator's last layer writes, before it is brought into the range of pictures: (B, C, H, W) */
export function ganOutput(scope: Scope, c: GanConfiguration, z: Tensor, values: ConditionValues): Tensor {
  const vector = conditionVector(scope, c, values);
  return scope.at("network", (s) => {
    if (c.generator.kind === "residual") return residualGenerator(s, c.generator, z, c.shape, vector);
    return decodeGrid(s, c.generator, z, c.shape, vector === undefined ? {} : { vector });
  });
}

export const asPictures = ({ output }: GanConfiguration, x: Tensor): Tensor => (output === "tanh" ? x.tanh() : x);

/**
 * How real pictures look: logits, or for `wasserstein` and `relativistic` scores that mean something only beside one another. Conditions
 * are compared with what is seen by an inner product (the projection discriminator: Miyato and Koyama 2018, figure 1 d), over the root of
 * its width. x: (B, C, H, W) → (B)
 */
export function ganDiscriminate(scope: Scope, c: GanConfiguration, x: Tensor, values: ConditionValues = {}): Tensor {
  const vector = conditionVector(scope, c, values);
  const outputs = vector === undefined ? 1 : 1 + CONDITION_WIDTH;
  const normed = c.spectralNorm ? scope.intercept(/(^|\.)weight$/, spectralNorm()) : scope;
  const seen = normed.at("network", (s) => {
    const network = c.discriminator;
    // Zeros have no norm to be divided by.
    if (network.kind === "residual")
      return residualDiscriminator(s, network, x, outputs, c.spectralNorm ? scaled(1) : zeros);
    return encodeGrid(s, network, x, outputs);
  }); // (B, outputs)
  if (vector === undefined) return seen.reshape([-1]);
  const [alone, features] = seen.split([1, CONDITION_WIDTH], 1) as [Tensor, Tensor];
  return alone.reshape([-1]).add(
    features
      .mul(vector)
      .sum(1)
      .mul(1 / Math.sqrt(CONDITION_WIDTH)),
  );
}

function conditionVector(scope: Scope, c: GanConfiguration, values: ConditionValues): Tensor | undefined {
  const [, height, width] = c.shape;
  const size = [height, width] as const;
  return embedConditions(scope.at("conditions"), c.conditions, values, { width: CONDITION_WIDTH, size }).vector;
}
