/**
 * How far every position of an automaton is from the end of its rule: the least total cost of the steps, where a call costs what the
 * called rule does (Knuth 1977, "A generalization of Dijkstra's algorithm", by a queue of positions whose distance fell). Infinite
 * where the end cannot be reached.
 */
import type { Automaton } from "./automaton.js";

export interface Step {
  readonly cost: number;
  /** The nearest of these counts. */
  readonly targets: ArrayLike<number>;
}

/** @param steps what can be read at a position, besides its calls and jumps */
export function closingDistances(automaton: Automaton, steps: (position: number) => readonly Step[]): Float64Array {
  const { size } = automaton;
  const distances = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const stepsAt = Array.from({ length: size }, (_, position) => steps(position));
  const dependents: number[][] = Array.from({ length: size }, () => []);
  for (let position = 0; position < size; position++) {
    for (const target of automaton.epsilons[position]!) dependents[target]!.push(position);
    for (const { targets } of stepsAt[position]!) {
      for (let i = 0; i < targets.length; i++) dependents[targets[i]!]!.push(position);
    }
    for (const { rule, target } of automaton.calls[position]!) {
      dependents[target]!.push(position);
      dependents[automaton.rules[rule]!.start]!.push(position);
    }
  }

  const evaluate = (position: number): number => {
    let best = automaton.ends[position]! ? 0 : Number.POSITIVE_INFINITY;
    for (const target of automaton.epsilons[position]!) best = Math.min(best, distances[target]!);
    for (const { cost, targets } of stepsAt[position]!) best = Math.min(best, cost + nearestOf(distances, targets));
    for (const { rule, target } of automaton.calls[position]!) {
      best = Math.min(best, distances[automaton.rules[rule]!.start]! + distances[target]!);
    }
    return best;
  };

  const queue = automaton.ends.flatMap((ends, position) => (ends ? [position] : []));
  const queued = new Uint8Array(size);
  for (let head = 0; head < queue.length; head++) {
    const position = queue[head]!;
    queued[position] = 0;
    const distance = evaluate(position);
    if (distance >= distances[position]!) continue;
    distances[position] = distance;
    for (const dependent of dependents[position]!) {
      if (queued[dependent] === 1) continue;
      queued[dependent] = 1;
      queue.push(dependent);
    }
  }
  return distances;
}

/** The least distance of some positions; infinite for none. */
export function nearestOf(distances: Float64Array, positions: ArrayLike<number>): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < positions.length; i++) best = Math.min(best, distances[positions[i]!]!);
  return best;
}

/** Distances where each byte costs what `costOf` says: 1 each gives the number of bytes. */
export function byteDistances(automaton: Automaton, costOf: (byte: number) => number): Float64Array {
  return closingDistances(automaton, (position) =>
    automaton.edges[position]!.map(({ low, high, target }) => ({
      cost: costOf(cheapestByte(low, high, costOf)),
      targets: [target],
    })),
  );
}

/** The bytes of a text of least cost, by the distances that `byteDistances` gave for the same costs; the root's must be finite. */
export function cheapestText(
  automaton: Automaton,
  distances: Float64Array,
  costOf: (byte: number) => number,
): Uint8Array {
  const bytes: number[] = [];
  const returns: number[] = [];
  let at = automaton.rules[0]!.start;
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    let go = (): void => {};
    const consider = (distance: number, action: () => void): void => {
      if (distance >= best) return;
      best = distance;
      go = action;
    };
    let ended = false;
    for (const position of automaton.closure(at)) {
      if (automaton.ends[position]!) ended = true;
      for (const { low, high, target } of automaton.edges[position]!) {
        const byte = cheapestByte(low, high, costOf);
        consider(costOf(byte) + distances[target]!, () => {
          bytes.push(byte);
          at = target;
        });
      }
      for (const { rule, target } of automaton.calls[position]!) {
        const { start } = automaton.rules[rule]!;
        consider(distances[start]! + distances[target]!, () => {
          returns.push(target);
          at = start;
        });
      }
    }
    if (!ended) {
      go();
      continue;
    }
    const back = returns.pop();
    if (back === undefined) return Uint8Array.from(bytes);
    at = back;
  }
}

function cheapestByte(low: number, high: number, costOf: (byte: number) => number): number {
  let best = low;
  for (let byte = low + 1; byte <= high; byte++) if (costOf(byte) < costOf(best)) best = byte;
  return best;
}
