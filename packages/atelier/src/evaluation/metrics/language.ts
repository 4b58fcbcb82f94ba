/** How well text was predicted, as measures: loss, perplexity, bits per byte, each beside the baseline's on the same windows. */
import type { RandomKey } from "@atelier/engine";
import type { Judgement } from "../judgement.js";
import { bootstrapDifference, bootstrapRatio, type Interval, mapInterval } from "./bootstrap.js";
import { figureOf, type Measure } from "./measure.js";

export interface LanguageMeasuresRequest {
  readonly model: Judgement;
  /** Of the same windows, in the same order. */
  readonly baseline?: { readonly name: string; readonly judgement: Judgement } | undefined;
  /** What is predicted from what. */
  readonly protocol: string;
  readonly key: RandomKey;
}

export const BITS_PER_BYTE = "bits per byte";

/** @throws {ArgumentError} where the baseline judged other windows. */
export function languageMeasures({ model, baseline, protocol, key }: LanguageMeasuresRequest): Measure[] {
  const other = baseline?.judgement;
  // One key for all: the same windows are drawn for every figure, of the model and of the baseline.
  const loss = ({ nats, counts }: Judgement): Interval => bootstrapRatio(nats, counts, key);
  const bitsPerByte = (judgement: Judgement): Interval => bootstrapRatio(bitsOf(judgement), judgement.bytes, key);
  const measure = (name: string, own: Interval, theirs: Interval | undefined, difference?: Interval): Measure => ({
    name,
    ...figureOf(own),
    samples: own.samples,
    protocol: `${protocol}; intervals: percentile bootstrap over windows`,
    better: "lower",
    ...(baseline === undefined || theirs === undefined
      ? {}
      : {
          baseline: {
            name: baseline.name,
            ...figureOf(theirs),
            ...(difference === undefined ? {} : { difference: figureOf(difference) }),
          },
        }),
  });
  const [ownLoss, theirLoss] = [loss(model), other && loss(other)];
  const lossDifference = other && bootstrapDifference(model.nats, other.nats, model.counts, key);
  const bitsDifference = other && bootstrapDifference(bitsOf(model), bitsOf(other), model.bytes, key);
  return [
    { ...measure("loss", ownLoss, theirLoss, lossDifference), unit: "nats per token" },
    measure("perplexity", mapInterval(ownLoss, Math.exp), theirLoss && mapInterval(theirLoss, Math.exp)),
    measure(BITS_PER_BYTE, bitsPerByte(model), other && bitsPerByte(other), bitsDifference),
  ];
}

const bitsOf = ({ nats }: Judgement): Float64Array => nats.map((x) => x / Math.LN2);
