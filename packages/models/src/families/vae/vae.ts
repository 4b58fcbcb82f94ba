/**
 * The VAE family (Kingma and Welling 2014, "Auto-encoding variational Bayes"): an encoder says for each picture where in a latent space it
 * may lie, a decoder what picture is seen from there. Both maximise a lower bound of log p(x).
 *
 * B: batch, C, H, W: channels, height and width, L: latent width, K: samples of one picture, P: parameter channels of the likelihood.
 * Pictures are float32 in the ranges of their fields; probabilities are in nats.
 *
 * @example
 * const fields = [{ name: "pixels", channels: 1, kind: "continuous", range: [-1, 1], levels: 256 }] as const;
 * const family = vae(vaeConfiguration({ shape: [1, 28, 28], fields, latent: 20 }));
 */
import { ArgumentError, input, logSumExp, type Scope, scalar, type Tensor, zeros } from "@atelier/engine";
import { type Conditioning, conditionInputs, embedConditions } from "../../conditions/index.js";
import type { TrainableFamily } from "../../family.js";
import { gridLikelihood, type Likelihood } from "../../likelihoods/index.js";
import { decodeGrid, encodeGrid } from "../grid-network.js";
import { type ConditionValues, picturesOf, repeatConditioning, repeatRows } from "../picture-batch.js";
import type { VaeConfiguration } from "./configuration.js";

/** A normal distribution with independent axes. */
export interface Posterior {
  /** (B, L) */
  readonly mean: Tensor;
  /** (B, L): log σ² */
  readonly logVariance: Tensor;
}

/** The lower bound of log p(x) for each picture, and its two parts: (B) */
export interface Elbo {
  /** reconstruction − kl */
  readonly elbo: Tensor;
  /** log p(x | z), at one z drawn from the posterior */
  readonly reconstruction: Tensor;
  /** Of the posterior from the prior, in closed form */
  readonly kl: Tensor;
}

export function vae(configuration: VaeConfiguration): TrainableFamily {
  const [, height, width] = configuration.shape;
  return {
    name: "vae",
    can: ["generate", "score", "encode", "decode"],
    networks: {
      vae: (scope) =>
        vaeLoss(
          scope,
          configuration,
          input("x", [1, ...configuration.shape], "float32"),
          conditionInputs(configuration.conditions, 1, [height, width]),
        ),
    },
    phases: [
      {
        name: "evidence-lower-bound",
        every: 1,
        trains: ["vae"],
        loss: ({ vae: scope }, batch) => {
          if (scope === undefined) throw new ArgumentError('vae: the network "vae" is missing');
          const { x, values } = picturesOf("vae", batch);
          return vaeLoss(scope, configuration, x, values);
        },
      },
    ],
  };
}

/**
 * −log p(x | z) + β · KL, its mean over the batch, and what it consists of: `reconstruction` and `kl` (nats for each picture, both without
 * weights), and `activeUnits` in this batch (see `posteriorCollapse`). x: (B, C, H, W)
 *
 * Batches are counted in a buffer while the weight of the KL divergence rises, so that it goes on where a training was interrupted.
 */
export function vaeLoss(
  scope: Scope,
  c: VaeConfiguration,
  x: Tensor,
  values: ConditionValues = {},
): { readonly loss: Tensor; readonly metrics: Readonly<Record<string, Tensor>> } {
  const conditioning = conditioningOf(scope, c, values);
  const posterior = posteriorOf(scope, c, x, conditioning);
  const parts = boundOf(scope, c, x, posterior, conditioning);
  const [reconstruction, kl] = [parts.reconstruction.mean().neg(), parts.kl.mean()];
  return {
    loss: reconstruction.add(kl.mul(klWeight(scope, c))),
    metrics: { reconstruction, kl, activeUnits: activeUnits(posterior.mean.stopGradient()) },
  };
}

/** x: (B, C, H, W) → where in the latent space it may lie */
export const vaeEncode = (scope: Scope, c: VaeConfiguration, x: Tensor, values: ConditionValues = {}): Posterior =>
  posteriorOf(scope, c, x, conditioningOf(scope, c, values));

/** z: (B, L) → the parameters of `vaeLikelihood`, (B, P, H, W) */
export const vaeDecode = (scope: Scope, c: VaeConfiguration, z: Tensor, values: ConditionValues = {}): Tensor =>
  parametersAt(scope, c, z, conditioningOf(scope, c, values));

/** What makes pictures of decoded parameters, and log-probabilities of pictures. */
export const vaeLikelihood = (c: VaeConfiguration): Likelihood => gridLikelihood(c.fields, c.likelihood);

/** The expected picture at the mean of each posterior. x: (B, C, H, W) → (B, C, H, W) */
export function vaeReconstruct(scope: Scope, c: VaeConfiguration, x: Tensor, values: ConditionValues = {}): Tensor {
  const conditioning = conditioningOf(scope, c, values);
  const { mean } = posteriorOf(scope, c, x, conditioning);
  return vaeLikelihood(c).mean(parametersAt(scope, c, mean, conditioning));
}

/** The lower bound at one z for each picture, drawn as `noise`. x: (B, C, H, W) */
export function vaeElbo(scope: Scope, c: VaeConfiguration, x: Tensor, values: ConditionValues = {}): Elbo {
  const conditioning = conditioningOf(scope, c, values);
  return boundOf(scope, c, x, posteriorOf(scope, c, x, conditioning), conditioning);
}

/**
 * log Σₖ p(x, zₖ) / q(zₖ | x) for K samples of z, drawn as `noise`. Less log K, that is the importance-weighted bound: between the ELBO and
 * log p(x), tighter with every sample, and with many an estimate of it (Burda et al. 2016, equation 8 and theorem 1). More samples than
 * fit in memory are drawn over several calls with keys of their own, and put together by `importanceBound`.
 *
 * x: (B, C, H, W) → (B)
 */
export function vaeImportanceSum(
  scope: Scope,
  c: VaeConfiguration,
  x: Tensor,
  samples: number,
  values: ConditionValues = {},
): Tensor {
  if (!Number.isSafeInteger(samples) || samples < 1) {
    throw new ArgumentError(`vae: a bound needs a whole number of samples from 1 up, got ${samples}`);
  }
  const conditioning = conditioningOf(scope, c, values);
  const { mean, logVariance } = posteriorOf(scope, c, x, conditioning); // (B, L)
  const [batch, latent] = mean.shape as [number, number];
  const noise = drawNoise(scope, [samples, batch, latent]);
  const z = mean.add(noise.mul(logVariance.mul(0.5).exp())); // (K, B, L)
  const parameters = parametersAt(
    scope,
    c,
    z.reshape([samples * batch, latent]),
    repeatConditioning(conditioning, samples),
  );
  const reconstruction = vaeLikelihood(c).logProbability(parameters, repeatRows(x, samples)).reshape([samples, batch]);
  // log p(z) − log q(z | x): what both have of 2π cancels.
  const prior = z.square().neg().add(noise.square()).add(logVariance).mul(0.5).sum(2); // (K, B)
  return logSumExp(reconstruction.add(prior), 0); // (B)
}

/** The divergence of each axis of the posterior from the prior: (B, L) */
export const klDivergence = ({ mean, logVariance }: Posterior): Tensor =>
  mean.square().add(logVariance.exp()).sub(logVariance).sub(1).mul(0.5);

/** Axes on which the posterior's means vary by more than this are in use (Burda et al. 2016, section 5.2). */
export const ACTIVE_VARIANCE = 0.01;

/** The number of axes in use among the means (B, L) of a batch: () */
function activeUnits(means: Tensor): Tensor {
  const variance = means.sub(means.mean(0, true)).square().mean(0); // (L)
  return variance.greater(ACTIVE_VARIANCE).cast("float32").sum();
}

/** What conditions are embedded in: the width of their vectors and tokens. */
const CONDITION_WIDTH = 64;

/** The encoder and the decoder see the same: where a condition is left out, it is for both. */
function conditioningOf(scope: Scope, c: VaeConfiguration, values: ConditionValues): Conditioning {
  const [, height, width] = c.shape;
  return embedConditions(scope.at("conditions"), c.conditions, values, {
    width: CONDITION_WIDTH,
    size: [height, width],
  });
}

function posteriorOf(scope: Scope, c: VaeConfiguration, x: Tensor, conditioning: Conditioning): Posterior {
  const seen = vaeLikelihood(c).encoderInput(x);
  const both = scope.at("encoder", (s) => encodeGrid(s, c.network, seen, 2 * c.latent, conditioning)); // (B, 2 L)
  const [mean, logVariance] = both.split([c.latent, c.latent], 1) as [Tensor, Tensor];
  return { mean, logVariance };
}

/** z: (B, L) → (B, P, H, W) */
function parametersAt(scope: Scope, c: VaeConfiguration, z: Tensor, conditioning: Conditioning): Tensor {
  const [, height, width] = c.shape;
  const shape = [vaeLikelihood(c).outputs, height, width] as const;
  return scope.at("decoder", (s) => decodeGrid(s, c.network, z, shape, conditioning));
}

function boundOf(scope: Scope, c: VaeConfiguration, x: Tensor, posterior: Posterior, conditioning: Conditioning): Elbo {
  const { mean, logVariance } = posterior;
  const z = mean.add(drawNoise(scope, mean.shape).mul(logVariance.mul(0.5).exp())); // (B, L)
  const reconstruction = vaeLikelihood(c).logProbability(parametersAt(scope, c, z, conditioning), x); // (B)
  const kl = klDivergence(posterior).sum(1); // (B)
  return { elbo: reconstruction.sub(kl), reconstruction, kl };
}

const drawNoise = (scope: Scope, shape: readonly number[]): Tensor =>
  scope.random("noise", shape, { kind: "normal", mean: 0, standardDeviation: 1 });

/** β, rising from 0 over the first batches of a training. */
function klWeight(scope: Scope, { beta, klWarmup }: VaeConfiguration): Tensor {
  if (klWarmup === 0) return scalar(beta);
  const batches = scope.buffer("batches", [], zeros);
  if (scope.training) scope.setBuffer("batches", batches.add(1));
  return batches.mul(beta / klWarmup).minimum(beta);
}
