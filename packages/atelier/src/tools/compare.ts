/** How far two lists of numbers are apart. */

/** NaN where a number is missing or not one. */
export function largestDifference(ours: readonly number[], theirs: readonly number[]): number {
  let worst = 0;
  for (let i = 0; i < theirs.length; i++) {
    const difference = Math.abs((ours[i] ?? Number.NaN) - theirs[i]!);
    if (Number.isNaN(difference)) return Number.NaN;
    worst = Math.max(worst, difference);
  }
  return worst;
}

export const sameNumbers = (ours: ArrayLike<number>, theirs: readonly number[]): boolean =>
  ours.length === theirs.length && theirs.every((number, i) => ours[i] === number);
