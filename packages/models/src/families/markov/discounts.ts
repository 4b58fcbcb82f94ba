/**
 * The three discounts of modified Kneser–Ney smoothing, from counts of counts: Chen and Goodman, "An empirical study of
 * smoothing techniques for language modeling" (1999), section 3 (equation 17 of the technical report TR-10-98):
 *
 *   Y = n1 / (n1 + 2 n2),  D1 = 1 - 2Y n2/n1,  D2 = 2 - 3Y n3/n2,  D3+ = 3 - 4Y n4/n3
 *
 * where n_r is how many n-grams have count r.
 */

/** What is taken off a count of 1, of 2, and of 3 or more. Each is above 0 and not above the least count it is taken off. */
export interface Discounts {
  readonly one: number;
  readonly two: number;
  readonly more: number;
}

/**
 * Used where the estimate does not exist. Halfway through the possible range, as in KenLM's `--discount_fallback` (Heafield et
 * al. 2013).
 */
export const fallbackDiscounts: Discounts = { one: 0.5, two: 1, more: 1.5 };

/**
 * The discounts of one order. Falls back, for all three together, when one of n1 … n4 is zero or an estimate is not in (0, r]:
 * that happens on short streams, and for single characters, nearly all of which are frequent.
 *
 * @param counts occurrence counts (for the highest order) or continuation counts (below it), one per distinct n-gram
 */
export function estimateDiscounts(counts: Int32Array): Discounts {
  const n = [0, 0, 0, 0, 0];
  for (const count of counts) if (count <= 4) n[count]!++;
  const [, n1, n2, n3, n4] = n as [number, number, number, number, number];
  if (n1 === 0 || n2 === 0 || n3 === 0 || n4 === 0) return fallbackDiscounts;
  const y = n1 / (n1 + 2 * n2);
  const discounts = { one: 1 - (2 * y * n2) / n1, two: 2 - (3 * y * n3) / n2, more: 3 - (4 * y * n4) / n3 };
  return discounts.two > 0 && discounts.more > 0 ? discounts : fallbackDiscounts; // one is n1 / (n1 + 2 n2), always inside
}

/** D(c), what is taken off a count c of 1 or more. */
export function discount(count: number, discounts: Discounts): number {
  return count === 1 ? discounts.one : count === 2 ? discounts.two : discounts.more;
}

/** c - D(c), which is never below 0; 0 for a count of 0. */
export function discounted(count: number, discounts: Discounts): number {
  return count === 0 ? 0 : count - discount(count, discounts);
}
