/**
 * How varied samples are: distinct-n, the number of different n-grams over the number of all n-grams, counted over all samples
 * together (Li, Galley, Brockett, Gao and Dolan, "A diversity-promoting objective function for neural conversation models", 2016,
 * section 5.2; they divide by the number of tokens, which never quite reaches 1). A model that always says the same scores low even
 * if it does not repeat itself within a sample.
 *
 * It falls as the samples get longer or more: compare only as many of the same length.
 */
import { ngramsOf, type Unit } from "./units.js";

/** One number each a sample, whose sums make a ratio. */
export interface SampleSums {
  readonly numerators: Float64Array;
  readonly denominators: Float64Array;
}

/**
 * Distinct-n as a ratio of sums over samples: an n-gram that stands in c places counts 1 / c in each. Drawing samples again from these
 * sums holds the counts as they are; drawing the samples themselves would make copies, and less variety than there is.
 */
export function distinct(samples: readonly (readonly Unit[])[], n: number): SampleSums {
  const grams = samples.map((units) => ngramsOf(units, n));
  const counts = new Map<string, number>();
  for (const gram of grams.flat()) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  return {
    numerators: Float64Array.from(grams, (own) => own.reduce((sum, gram) => sum + 1 / counts.get(gram)!, 0)),
    denominators: Float64Array.from(grams, (own) => own.length),
  };
}
