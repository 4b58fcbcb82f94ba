/**
 * What a model's own samples are like, as measures: how varied, how repetitive, how much copied; each beside the same figure of held-out
 * passages of the same lengths, which is what people's text of this kind is like.
 */
import type { RandomKey } from "@atelier/engine";
import { bootstrapMean, bootstrapRatio, type Interval, shareOf } from "./bootstrap.js";
import { distinct } from "./distinct.js";
import { figureOf, type Measure } from "./measure.js";
import { COPY_LENGTH, type Memorisation } from "./memorisation.js";
import { longestLoop, sequenceRepetition } from "./repetition.js";
import { wordsOf } from "./units.js";
import type { VerbatimRun } from "./verbatim.js";

export const COPYING_SHARE = `samples copying ${COPY_LENGTH} characters or more`;

export interface SampleMeasuresRequest {
  /** Without their prompts. */
  readonly samples: readonly string[];
  /** One passage a sample, of its length: see `heldOutPassages`. */
  readonly heldOut: readonly string[];
  /** What `memorisation` found of these samples and passages; without it nothing is said of copying. */
  readonly memorisation?: Memorisation | undefined;
  /** How the samples were made: `64 samples of 500 characters at temperature 0.8`. */
  readonly protocol: string;
  readonly key: RandomKey;
}

/** Figures that cannot be had, as of samples too short for them, are left out. */
export function sampleMeasures({ samples, heldOut, memorisation, protocol, key }: SampleMeasuresRequest): Measure[] {
  const words = textFigures(key).flatMap((figure) =>
    measured(figure, samples.map(wordsOf), heldOut.map(wordsOf), protocol),
  );
  if (memorisation === undefined) return words;
  const copies = copyFigures(key, memorisation).flatMap((figure) =>
    measured(figure, memorisation.samples, memorisation.heldOut, protocol),
  );
  return [...words, ...copies];
}

/** A figure of many samples, each of which has come down to a `T`. */
interface Figure<T> extends Pick<Measure, "name" | "unit" | "better"> {
  /** The definition, and the interval's. */
  readonly how: string;
  of(items: readonly T[]): Interval | undefined;
}

function measured<T>(figure: Figure<T>, own: readonly T[], floor: readonly T[], protocol: string): Measure[] {
  const { name, unit, better, how } = figure;
  const value = figure.of(own);
  const compared = figure.of(floor);
  if (value === undefined) return [];
  return [
    {
      name,
      ...(unit === undefined ? {} : { unit }),
      ...figureOf(value),
      samples: value.samples,
      protocol: `${protocol}; ${how}`,
      better,
      ...(compared === undefined ? {} : { baseline: { name: "held-out text", ...figureOf(compared) } }),
    },
  ];
}

/** The mean over the items that have a value. */
function meanOf<T>(items: readonly T[], key: RandomKey, of: (item: T) => number | undefined): Interval | undefined {
  const values = items.map(of).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : bootstrapMean(values, key);
}

function textFigures(key: RandomKey): Figure<readonly string[]>[] {
  const distincts = [1, 2, 3, 4].map(
    (n): Figure<readonly string[]> => ({
      name: `distinct-${n}`,
      better: "higher",
      how: `different word ${n}-grams over all of them, all samples together (Li et al. 2016); interval: percentile bootstrap over samples`,
      of(samples) {
        const { numerators, denominators } = distinct(samples, n);
        return denominators.some((size) => size > 0) ? bootstrapRatio(numerators, denominators, key) : undefined;
      },
    }),
  );
  return [
    ...distincts,
    {
      name: "repeated 4-grams",
      unit: "share",
      better: "lower",
      how: "share of a sample's word 4-grams that stood in it before (seq-rep-4, Welleck et al. 2019), mean over samples; interval: percentile bootstrap over samples",
      of: (samples) => meanOf(samples, key, (words) => sequenceRepetition(words)),
    },
    {
      name: "longest loop",
      unit: "words",
      better: "lower",
      how: "longest stretch of a sample in which a block of words follows at once upon itself, mean over samples; interval: percentile bootstrap over samples",
      of: (samples) => meanOf(samples, key, (words) => longestLoop(words).length),
    },
  ];
}

function copyFigures(key: RandomKey, { characters, complete }: Memorisation): Figure<VerbatimRun>[] {
  const text = `${complete ? "all" : "the first"} ${characters.toLocaleString("en-US")} characters of the training text`;
  const run = `longest run of a sample that stands character for character in ${text}`;
  return [
    {
      name: "verbatim run",
      unit: "characters",
      better: "lower",
      how: `${run}, mean over samples; interval: percentile bootstrap over samples`,
      of: (runs) => meanOf(runs, key, ({ length }) => length),
    },
    {
      name: "longest verbatim run",
      unit: "characters",
      better: "lower",
      how: `${run}, the longest of all samples; a maximum has no bootstrap interval`,
      of(runs) {
        if (runs.length === 0) return undefined;
        const value = Math.max(...runs.map(({ length }) => length));
        return { value, low: undefined, high: undefined, level: 0.95, samples: runs.length };
      },
    },
    {
      name: COPYING_SHARE,
      unit: "share",
      better: "lower",
      how: `samples with a run of at least ${COPY_LENGTH} characters that stands in ${text}; interval: Wilson's, since a bootstrap says nothing of 0 %`,
      of: (runs) => (runs.length === 0 ? undefined : shareOf(runs.map(({ length }) => length >= COPY_LENGTH))),
    },
  ];
}
