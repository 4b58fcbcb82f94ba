/** The likelihood of a whole grid: that of its fields, each with a span of channels of its own. */
import { ArgumentError, concat } from "@atelier/engine";
import { bernoulli } from "./bernoulli.js";
import { categorical } from "./categorical.js";
import { discretisedLogistic } from "./discretised-logistic.js";
import { gaussian } from "./gaussian.js";
import type { Field, Likelihood } from "./likelihood.js";

/** How continuous fields are distributed; the others are categorical. */
export type ContinuousLikelihood =
  | { readonly kind: "bernoulli" }
  | {
      readonly kind: "gaussian";
      /** As a share of the field's range; without it, learned for every value. */
      readonly standardDeviation?: number | undefined;
    }
  | { readonly kind: "discretised-logistic" };

/** @throws {ArgumentError} where there are no fields, or one does not fit its distribution */
export function gridLikelihood(fields: readonly Field[], continuous: ContinuousLikelihood): Likelihood {
  if (fields.length === 0) throw new ArgumentError("A grid without fields has no likelihood");
  const parts = fields.map((field) => fieldLikelihood(field, continuous));
  if (parts.length === 1) return parts[0]!;
  const [outputs, channels] = [parts.map((part) => part.outputs), parts.map((part) => part.channels)];
  const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  return {
    outputs: total(outputs),
    channels: total(channels),
    encoderInput(x) {
      const values = x.split(channels, 1);
      return concat(
        parts.map((part, i) => part.encoderInput(values[i]!)),
        1,
      );
    },
    logProbability(parameters, x) {
      const [given, values] = [parameters.split(outputs, 1), x.split(channels, 1)];
      return parts.map((part, i) => part.logProbability(given[i]!, values[i]!)).reduce((a, b) => a.add(b));
    },
    mean(parameters) {
      const given = parameters.split(outputs, 1);
      return concat(
        parts.map((part, i) => part.mean(given[i]!)),
        1,
      );
    },
    sample(scope, parameters) {
      const given = parameters.split(outputs, 1);
      return concat(
        parts.map((part, i) => part.sample(scope.at(fields[i]!.name), given[i]!)),
        1,
      );
    },
  };
}

function fieldLikelihood(field: Field, continuous: ContinuousLikelihood): Likelihood {
  if (!(field.range[1] > field.range[0])) {
    throw new ArgumentError(
      `The field "${field.name}" has the range from ${field.range[0]} to ${field.range[1]}, which is empty`,
    );
  }
  if (field.kind !== "continuous") return categorical(field);
  switch (continuous.kind) {
    case "bernoulli":
      return bernoulli(field);
    case "gaussian":
      return gaussian(field, continuous.standardDeviation);
    case "discretised-logistic":
      return discretisedLogistic(field);
  }
}
