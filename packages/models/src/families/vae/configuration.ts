/** The settings of a VAE, their defaults, and the checks that catch impossible ones before anything is built. */
import { ArgumentError } from "@atelier/engine";
import { type Condition, checkConditions } from "../../conditions/index.js";
import { type ContinuousLikelihood, type Field, gridLikelihood } from "../../likelihoods/index.js";
import { checkGrid, checkNetwork, type GridNetwork, type GridShape, requireWhole } from "../grid-network.js";

export interface VaeConfiguration {
  /** Channels, height and width of a picture. */
  readonly shape: GridShape;
  /** What the channels are, as the codec says. */
  readonly fields: readonly Field[];
  /** Width of the latent vector. */
  readonly latent: number;
  readonly network: GridNetwork;
  /** How continuous fields are distributed; others are categorical. */
  readonly likelihood: ContinuousLikelihood;
  /** Weight of the KL divergence (Higgins et al. 2017); 1 is the evidence lower bound. */
  readonly beta: number;
  /** Batches over which that weight rises from 0 in a straight line (Bowman et al. 2016); 0 for none. */
  readonly klWarmup: number;
  /** What pictures are encoded and decoded beside. */
  readonly conditions: readonly Condition[];
}

export type VaeSize = Pick<VaeConfiguration, "shape" | "fields" | "latent">;

/**
 * A complete configuration. What is left out is as in PyTorch's example of a VAE, whose `latent` is 20.
 *
 * @throws {ArgumentError} naming the setting that cannot be
 */
export function vaeConfiguration(settings: VaeSize & Partial<VaeConfiguration>): VaeConfiguration {
  const c: VaeConfiguration = {
    network: { kind: "mlp", hidden: [400] },
    likelihood: { kind: "bernoulli" },
    beta: 1,
    klWarmup: 0,
    conditions: [],
    ...settings,
  };
  checkGrid("vae", c.shape, c.fields);
  checkNetwork("vae", c.network);
  checkConditions(c.conditions);
  requireWhole("vae", { latent: c.latent });
  requireWhole("vae", { klWarmup: c.klWarmup }, 0);
  gridLikelihood(c.fields, c.likelihood);
  if (!(c.beta >= 0 && Number.isFinite(c.beta))) {
    throw new ArgumentError(`vae: beta must be a number from 0 up, got ${c.beta}`, {
      hint: 'Change "beta" in the recipe.',
    });
  }
  return c;
}
