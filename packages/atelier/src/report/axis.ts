/** Axes of charts: where a value lies along them, and the ticks. */
import { formatTick, niceTicks } from "./ticks.js";

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Axis {
  /** From 0 (the axis's start) to 1 (its end). */
  position(value: number): number;
  readonly ticks: readonly Tick[];
}

/** Even steps. @param count about how many ticks. */
export function linearAxis(low: number, high: number, count = 6): Axis {
  const span = high - low || 1;
  return {
    position: (value) => (value - low) / span,
    ticks: niceTicks(low, high, count).map((at) => ({ at, label: formatTick(at) })),
  };
}

/** Even factors, for values above 0: ticks at powers of ten, with twos and fives where there are few of them. */
export function logAxis(low: number, high: number): Axis {
  const [from, to] = [Math.log(low), Math.log(high)];
  const span = to - from || 1;
  const decades = (to - from) / Math.LN10;
  const factors = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of factors) {
      const at = Number(`${factor}e${power}`);
      if (at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9)) ticks.push({ at, label: formatTick(at) });
    }
  }
  return { position: (value) => (Math.log(value) - from) / span, ticks };
}

/** One place for each label, at 0, 1, 2, …; half a place of room at both ends. */
export function categoryAxis(labels: readonly string[]): Axis {
  return {
    position: (value) => (value + 0.5) / labels.length,
    ticks: labels.map((label, at) => ({ at, label })),
  };
}
