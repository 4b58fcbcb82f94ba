/**
 * A logistic distribution, cut into the levels of the field: the probability of a level is what lies within half a step of it, and the two
 * at the ends have the tails (Salimans et al. 2017, "PixelCNN++", equation 2, with a single component; Kingma et al. 2016). So it is a true
 * probability of the bytes of a picture: nats divided by (values · log 2) are bits per dimension.
 */
import { ArgumentError, softplus, type Tensor } from "@atelier/engine";
import { type Field, type Likelihood, sumOfEach, within } from "./likelihood.js";

/** The least logarithm of a scale, in halves of the range, as in the paper's code. */
const LEAST_LOG_SCALE = -7;

/**
 * Two parameters a channel: all locations, then the logarithms of all scales. Both are as in the paper for pictures in [−1, 1]: 0 is the
 * middle of the range, and 1 half of it.
 *
 * @throws {ArgumentError} for a field without levels
 */
export function discretisedLogistic({ name, channels, range, levels }: Field): Likelihood {
  if (levels === undefined || levels < 2) {
    throw new ArgumentError(`The field "${name}" has no levels, which a discretised logistic distribution is over`, {
      hint: "Choose the Gaussian likelihood for values that can be any number.",
    });
  }
  const [low, high] = range;
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  // Half a step between levels, in halves of the range.
  const reach = 1 / (levels - 1);
  const read = (parameters: Tensor): { location: Tensor; logScale: Tensor } => {
    const [location, raw] = parameters.split([channels, channels], 1) as [Tensor, Tensor];
    return { location, logScale: raw.maximum(LEAST_LOG_SCALE) };
  };
  const toRange = (x: Tensor): Tensor => within(x.mul(half).add(middle), range);
  return {
    channels,
    outputs: 2 * channels,
    encoderInput: (x) => x,
    logProbability(parameters, x) {
      const { location, logScale } = read(parameters);
      const centred = x.sub(middle).mul(1 / half);
      const inverse = logScale.neg().exp();
      const off = centred.sub(location).mul(inverse);
      const step = inverse.mul(reach);
      // σ(a) − σ(b) = σ(a) σ(−b) (1 − e^(b − a)) for the upper end a and the lower end b: every factor keeps its precision.
      const top = centred.greater(1 - reach);
      const bottom = centred.less(reach - 1);
      const below = top.select(0, softplus(off.add(step).neg()));
      const above = bottom.select(0, softplus(off.sub(step)));
      // With t = tanh((a − b) / 2), 1 − e^(b − a) = 2 t / (1 + t), which has no small difference of large numbers.
      const t = step.tanh();
      const inside = top.or(bottom).select(0, t.mul(2).div(t.add(1)).log());
      return sumOfEach(inside.sub(below).sub(above));
    },
    mean: (parameters) => toRange(read(parameters).location),
    sample(scope, parameters) {
      const { location, logScale } = read(parameters);
      // The ends are left out, where the logit is infinite.
      const u = scope.random("logistic", location.shape, { kind: "uniform", low: 1e-6, high: 1 - 1e-6 });
      const drawn = location.add(logScale.exp().mul(u.log().sub(u.neg().add(1).log())));
      // The level within half a step.
      const level = within(drawn, [-1, 1])
        .add(1)
        .mul(1 / (2 * reach))
        .add(0.5)
        .floor();
      return toRange(level.mul(2 * reach).sub(1));
    },
  };
}
