/** How much a sample repeats itself: the share of repeated n-grams, and the longest loop it is caught in. */
import { ngramsOf, type Unit } from "./units.js";

/**
 * seq-rep-n: the share of a sample's n-grams that have stood in it before, 1 − different / all (Welleck, Kulikov, Roller, Dinan, Cho and
 * Weston, "Neural text generation with unlikelihood training", 2019, section 6.1; there n = 4). Undefined for fewer than n units.
 */
export function sequenceRepetition(units: readonly Unit[], n = 4): number | undefined {
  const grams = ngramsOf(units, n);
  return grams.length === 0 ? undefined : 1 - new Set(grams).size / grams.length;
}

export interface Loop {
  /** How many units the whole stretch has, the first time round included; 0 where nothing follows upon itself. */
  readonly length: number;
  /** After how many units it begins again. */
  readonly period: number;
}

/** Loops of longer periods are not looked for: the search takes time in proportion to this. */
const LONGEST_PERIOD = 500;

/**
 * The longest stretch in which a block of units follows at once upon itself, twice or more, the last time perhaps in part: of
 * `a b c b c b d` it is `b c b c b`, of length 5 and period 2. Of equally long ones the shortest period.
 */
export function longestLoop(units: readonly Unit[]): Loop {
  let best: Loop = { length: 0, period: 0 };
  for (let period = 1; period <= Math.min(LONGEST_PERIOD, units.length / 2); period++) {
    let equal = 0; // how many units in a row are the same as those a period before
    for (let i = period; i < units.length; i++) {
      equal = units[i] === units[i - period] ? equal + 1 : 0;
      if (equal >= period && equal + period > best.length) best = { length: equal + period, period };
    }
  }
  return best;
}
