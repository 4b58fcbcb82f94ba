/**
 * Every value is taken for the probability of a 1: the field's range is mapped to [0, 1], and log p = x log q + (1 − x) log(1 − q) (Kingma
 * and Welling 2014, appendix C.1). For pictures that are not black and white this is no probability of the picture, since it does not
 * sum to 1 over what a picture can be; it is what PyTorch's example VAE minimises, and compares only with itself.
 */
import { softplus } from "@atelier/engine";
import { type Field, fromUnit, type Likelihood, sumOfEach, toUnit } from "./likelihood.js";

/** One parameter a channel: the logit of q. Samples are black or white; `mean` is the picture to look at. */
export const bernoulli = ({ channels, range }: Field): Likelihood => ({
  channels,
  outputs: channels,
  encoderInput: (x) => toUnit(x, range),
  // log σ(l) = l − softplus(l) and log(1 − σ(l)) = −softplus(l)
  logProbability: (logits, x) => sumOfEach(logits.mul(toUnit(x, range)).sub(softplus(logits))),
  mean: (logits) => fromUnit(logits.sigmoid(), range),
  sample: (scope, logits) =>
    fromUnit(
      scope
        .random("bernoulli", logits.shape, { kind: "uniform", low: 0, high: 1 })
        .less(logits.sigmoid())
        .cast("float32"),
      range,
    ),
});
