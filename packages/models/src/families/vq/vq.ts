/**
 * The VQ-VAE family (van den Oord et al. 2017, "Neural discrete representation learning"): a picture becomes a small grid of codes out of a
 * codebook, and comes back from them. Read row by row, the codes are a stream of tokens that `gpt` can learn.
 *
 * B: batch, C, H, W: channels, height and width of a picture, h, w: those of the grid of codes, D: width of a code.
 *
 * @example
 * const fields = [{ name: "pixels", channels: 1, kind: "continuous", range: [-1, 1], levels: 256 }] as const;
 * const family = vq(vqConfiguration({ shape: [1, 28, 28], fields, codes: 256, width: 32 }));
 */
import { ArgumentError, input, type Scope, type Tensor } from "@atelier/engine";
import { convDecoder, convEncoder } from "../../backbones/convolutional.js";
import type { TrainableFamily } from "../../family.js";
import { gridLikelihood, type Likelihood } from "../../likelihoods/index.js";
import { convolutional } from "../grid-network.js";
import { picturesOf } from "../picture-batch.js";
import { codesAt, type Quantised, quantise } from "./codebook.js";
import { type VqConfiguration, vqCodes } from "./configuration.js";

export function vq(configuration: VqConfiguration): TrainableFamily {
  return {
    name: "vq",
    can: ["encode", "decode"],
    networks: {
      vq: (scope) => vqLoss(scope, configuration, input("x", [1, ...configuration.shape], "float32")),
    },
    phases: [
      {
        name: "reconstruction",
        every: 1,
        trains: ["vq"],
        loss: ({ vq: scope }, batch) => {
          if (scope === undefined) throw new ArgumentError('vq: the network "vq" is missing');
          return vqLoss(scope, configuration, picturesOf("vq", batch).x);
        },
      },
    ],
  };
}

/**
 * −log p(x | codes), in nats for each value of a picture, + β · the mean squared distance to the codes (equation 3, whose middle term the
 * moving averages replace). Metrics: both parts, and the perplexity of the codes in this batch. x: (B, C, H, W)
 */
export function vqLoss(
  scope: Scope,
  c: VqConfiguration,
  x: Tensor,
): { readonly loss: Tensor; readonly metrics: Readonly<Record<string, Tensor>> } {
  const { logProbability, commitment, perplexity } = throughCodes(scope, c, x);
  const values = c.shape.reduce((product, n) => product * n, 1);
  const reconstruction = logProbability.mean().mul(-1 / values);
  return {
    loss: reconstruction.add(commitment.mul(c.commitment)),
    metrics: { reconstruction, commitment, perplexity },
  };
}

/** log p(x | the codes of x), in nats: (B, C, H, W) → (B) */
export const vqLogProbability = (scope: Scope, c: VqConfiguration, x: Tensor): Tensor =>
  throughCodes(scope, c, x).logProbability;

/** x: (B, C, H, W) → codes, row by row of the grid: (B, h · w) int32 */
export function vqEncode(scope: Scope, c: VqConfiguration, x: Tensor): Tensor {
  const { indices } = quantise(scope.at("codebook"), c, codeVectors(scope, c, x));
  return indices.reshape([x.shape[0]!, -1]);
}

/** codes: (B, h · w) int32 → the expected picture (B, C, H, W) */
export function vqDecode(scope: Scope, c: VqConfiguration, codes: Tensor): Tensor {
  const vectors = vqVectors(scope, c, codes.reshape([-1]));
  return vqLikelihood(c).mean(parametersOf(scope, c, vectors));
}

/** codes: (N) int32 → the vectors that stand for them in the codebook (N, D) */
export const vqVectors = (scope: Scope, c: VqConfiguration, codes: Tensor): Tensor =>
  codesAt(scope.at("codebook"), c, codes);

/** The picture that comes back. x: (B, C, H, W) → (B, C, H, W) */
export const vqReconstruct = (scope: Scope, c: VqConfiguration, x: Tensor): Tensor =>
  vqDecode(scope, c, vqEncode(scope, c, x));

/** What makes pictures of decoded parameters, and log-probabilities of pictures. */
export const vqLikelihood = (c: VqConfiguration): Likelihood => gridLikelihood(c.fields, c.likelihood);

/** x: (B, C, H, W) → log p(x | codes), (B), and what the codebook says of the codes */
function throughCodes(scope: Scope, c: VqConfiguration, x: Tensor): Quantised & { readonly logProbability: Tensor } {
  const quantised = quantise(scope.at("codebook"), c, codeVectors(scope, c, x));
  const logProbability = vqLikelihood(c).logProbability(parametersOf(scope, c, quantised.codes), x);
  return { ...quantised, logProbability };
}

/** x: (B, C, H, W) → what is to become codes (B · h · w, D) */
function codeVectors(scope: Scope, c: VqConfiguration, x: Tensor): Tensor {
  const seen = vqLikelihood(c).encoderInput(x);
  const settings = { ...convolutional(c.network), output: { grid: c.width } };
  const grid = scope.at("encoder", (s) => convEncoder(s, settings, seen)); // (B, D, h, w)
  return grid.transpose([0, 2, 3, 1]).reshape([-1, c.width]);
}

/** vectors: (B · h · w, D) → the parameters of the likelihood (B, P, H, W) */
function parametersOf(scope: Scope, c: VqConfiguration, vectors: Tensor): Tensor {
  const { height, width } = vqCodes(c);
  const grid = vectors.reshape([-1, height, width, c.width]).transpose([0, 3, 1, 2]); // (B, D, h, w)
  const [, ...size] = c.shape;
  const output = [vqLikelihood(c).outputs, ...size] as const;
  return scope.at("decoder", (s) => convDecoder(s, { ...convolutional(c.network), output }, grid));
}
