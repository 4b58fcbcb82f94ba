/** Round numbers along an axis: steps of 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for graph labels", 1990). */

/** Round numbers within [low, high], about `count` of them, ascending. */
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const fraction = rough / power;
  const step = (fraction < 1.5 ? 1 : fraction < 3 ? 2 : fraction < 7 ? 5 : 10) * power;
  const ticks: number[] = [];
  // Multiples of the step, not repeated sums: 0.1 + 0.1 + 0.1 is not 0.3. Rounding mends what the product leaves.
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** A tick as text: `1,500`, `20k`, `0.25`, `3e-4`. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential().replace("e-0", "e-");
  if (size >= 10_000 && value % 1000 === 0) return `${(value / 1000).toLocaleString("en-US")}k`;
  return value.toLocaleString("en-US", { maximumFractionDigits: 6 });
}
