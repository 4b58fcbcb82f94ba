/**
 * One of so many values, each with a probability of its own: for fields that are classes, and for ordered ones, whose order the network
 * has to find. A channel holds the class as one of the field's evenly spaced levels.
 */
import { ArgumentError, iota, type Tensor } from "@atelier/engine";
import { type Field, fromUnit, type Likelihood, sumOfEach, toUnit } from "./likelihood.js";

/**
 * One logit a channel and level: (B, channels · levels, …S), the levels of a channel side by side.
 *
 * @throws {ArgumentError} for a field without levels
 */
export function categorical({ name, kind, channels, range, levels }: Field): Likelihood {
  if (levels === undefined || levels < 2) {
    throw new ArgumentError(`The field "${name}" is ${kind} and does not say how many levels it has`);
  }
  /** (B, channels, levels, …S) */
  const read = (parameters: Tensor): Tensor => {
    const [batch, , ...spatial] = parameters.shape as [number, number, ...number[]];
    return parameters.reshape([batch, channels, levels, ...spatial]);
  };
  /** (B, channels, …S) int32 */
  const levelOf = (x: Tensor): Tensor =>
    toUnit(x, range)
      .mul(levels - 1)
      .add(0.5)
      .floor()
      .cast("int32");
  const ofLevel = (level: Tensor): Tensor => fromUnit(level.cast("float32").mul(1 / (levels - 1)), range);
  return {
    channels,
    outputs: channels * levels,
    encoderInput(x) {
      if (kind === "ordinal") return x;
      const chosen = levelOf(x).oneHot(levels); // (B, channels, …S, levels)
      const [batch, , ...spatial] = x.shape as [number, number, ...number[]];
      const axes = spatial.map((_, i) => i + 2);
      return chosen.transpose([0, 1, x.rank, ...axes]).reshape([batch, channels * levels, ...spatial]);
    },
    logProbability: (parameters, x) =>
      sumOfEach(read(parameters).logSoftmax(2).gatherAlong(levelOf(x).expandDims(2), 2)),
    // Between classes there is nothing, so of classes it is the most probable one.
    mean(parameters) {
      const logits = read(parameters);
      if (kind === "categorical") return ofLevel(logits.argMax(2));
      const shape = logits.shape.map((_, axis) => (axis === 2 ? levels : 1));
      return fromUnit(
        logits
          .softmax(2)
          .mul(iota(levels).cast("float32").reshape(shape))
          .sum(2)
          .mul(1 / (levels - 1)),
        range,
      );
    },
    // The largest of the logits with Gumbel noise is a draw from their softmax (Gumbel 1954).
    sample(scope, parameters) {
      const logits = read(parameters);
      const u = scope.random("categorical", logits.shape, { kind: "uniform", low: 1e-7, high: 1 - 1e-7 });
      return ofLevel(logits.sub(u.log().neg().log()).argMax(2));
    },
  };
}
