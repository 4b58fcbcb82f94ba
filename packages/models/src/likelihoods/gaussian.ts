/**
 * A normal distribution around every value, with a given deviation or one that the network says for each value.
 *
 * Densities depend on the unit. Here it is the distance from one level to the next (a byte of a picture has 256, so its unit is one grey
 * value), or the whole range where a field has no levels. In that unit the density of data with uniform noise of one level added bounds
 * the probability of the levels themselves from below (Theis et al. 2016, section 3.1), so that nats and bits per dimension can be set
 * beside those of a discretised distribution. The bound is about values with that noise: on bare levels, a density that narrows down to
 * a single one of them grows without end. A deviation that the network says therefore stays above that of the noise, 1 / √12 levels.
 */
import { ArgumentError, scalar, softplus, type Tensor } from "@atelier/engine";
import { type Field, fromUnit, type Likelihood, sumOfEach, toUnit, within } from "./likelihood.js";

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);

/** Of a field without levels: a thousandth of the range. */
const LEAST_LOG_DEVIATION = Math.log(1e-3);

/**
 * @param standardDeviation as a share of the field's range; without it, every channel has a second parameter that says it.
 * @throws {ArgumentError} for a deviation that is not above 0
 */
export function gaussian({ channels, range, levels }: Field, standardDeviation?: number): Likelihood {
  if (standardDeviation !== undefined && !(standardDeviation > 0 && Number.isFinite(standardDeviation))) {
    throw new ArgumentError(
      `The standard deviation of a Gaussian likelihood is a share of the range above 0, got ${standardDeviation}`,
    );
  }
  // Levels in the range, the unit of densities.
  const steps = levels === undefined ? 1 : levels - 1;
  const least = levels === undefined ? LEAST_LOG_DEVIATION : -Math.log(Math.sqrt(12) * steps);
  /** Location and the logarithm of the deviation, both with the range as the unit. */
  const read = (parameters: Tensor): { location: Tensor; logDeviation: Tensor } => {
    if (standardDeviation !== undefined) {
      return { location: parameters, logDeviation: scalar(Math.log(standardDeviation)) };
    }
    const [location, raw] = parameters.split([channels, channels], 1) as [Tensor, Tensor];
    // A floor that gradients pass (Chua et al. 2018, appendix A.1).
    return { location, logDeviation: softplus(raw.sub(least)).add(least) };
  };
  return {
    channels,
    outputs: standardDeviation === undefined ? 2 * channels : channels,
    encoderInput: (x) => x,
    mean: (parameters) => within(fromUnit(read(parameters).location, range), range),
    logProbability(parameters, x) {
      const { location, logDeviation } = read(parameters);
      const off = toUnit(x, range).sub(location).mul(logDeviation.neg().exp());
      return sumOfEach(
        off
          .square()
          .mul(0.5)
          .add(logDeviation.add(HALF_LOG_TAU + Math.log(steps))),
      ).neg();
    },
    sample(scope, parameters) {
      const { location, logDeviation } = read(parameters);
      const noise = scope.random("gaussian", location.shape, { kind: "normal", mean: 0, standardDeviation: 1 });
      return within(fromUnit(location.add(noise.mul(logDeviation.exp())), range), range);
    },
  };
}
