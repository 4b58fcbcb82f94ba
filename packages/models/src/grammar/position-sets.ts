/**
 * Sets of automaton positions, one object for each set, so that sets can be compared by identity and remember where each byte leads:
 * the subset construction, done only where it is walked (as in Willard and Louf 2023 for regular expressions, but lazily).
 */
import type { Automaton } from "./automaton.js";
import { byteDistances } from "./distances.js";

export interface PositionSet {
  readonly id: number;
  readonly positions: Int32Array;
  /** Whether the rule may end here. */
  readonly ends: boolean;
  /** By class of bytes; `null` where that byte is not possible, `undefined` where nobody asked yet. */
  readonly next: (PositionSet | null | undefined)[];
  /** What `callsOf` found. */
  calls: readonly SetCall[] | undefined;
  /** The distance to the end in tokens, by whoever keeps the sets; undefined where nobody asked yet. */
  distance: number | undefined;
}

export interface SetCall {
  readonly start: PositionSet;
  readonly returns: PositionSet;
}

/** More sets than this are forgotten and found anew, to bound memory. */
const mostSets = 50_000;

export class PositionSets {
  readonly automaton: Automaton;
  /** Which positions can reach the end of their rule at all. The others never enter a set. */
  private readonly bytesToEnd: Float64Array;
  private known = new Map<string, PositionSet>();
  private nextId = 0;

  constructor(automaton: Automaton, bytesToEnd = byteDistances(automaton, () => 1)) {
    this.automaton = automaton;
    this.bytesToEnd = bytesToEnd;
  }

  get full(): boolean {
    return this.known.size > mostSets;
  }

  forget(): void {
    this.known = new Map();
  }

  /** All positions that are reached from these without reading. */
  reachedFrom(targets: readonly number[]): PositionSet {
    const members = new Set<number>();
    for (const target of targets) {
      for (const position of this.automaton.closure(target)) {
        if (this.bytesToEnd[position]! < Number.POSITIVE_INFINITY) members.add(position);
      }
    }
    return this.exactly(members);
  }

  /** These positions and no others. */
  exactly(members: Iterable<number>): PositionSet {
    const positions = Int32Array.from(members).sort();
    const key = positions.join();
    let set = this.known.get(key);
    if (set === undefined) {
      const ends = positions.some((position) => this.automaton.ends[position]!);
      const next = new Array<undefined>(this.automaton.classByte.length).fill(undefined);
      set = { id: this.nextId++, positions, ends, next, calls: undefined, distance: undefined };
      this.known.set(key, set);
    }
    return set;
  }

  union(a: PositionSet, b: PositionSet): PositionSet {
    return a === b ? a : this.exactly(new Set([...a.positions, ...b.positions]));
  }

  /** The set after a byte of this class, or `null` if none of the positions can read it. */
  move(set: PositionSet, byteClass: number): PositionSet | null {
    const known = set.next[byteClass];
    if (known !== undefined) return known;
    const byte = this.automaton.classByte[byteClass]!;
    const targets: number[] = [];
    for (const position of set.positions) {
      for (const { low, high, target } of this.automaton.edges[position]!) {
        if (low <= byte && byte <= high) targets.push(target);
      }
    }
    const moved = this.reachedFrom(targets);
    const result = moved.positions.length === 0 ? null : moved;
    set.next[byteClass] = result;
    return result;
  }

  /** The rules that may be called here, each with where it returns to. */
  callsOf(set: PositionSet): readonly SetCall[] {
    if (set.calls !== undefined) return set.calls;
    const targets = new Map<number, number[]>();
    for (const position of set.positions) {
      for (const call of this.automaton.calls[position]!) {
        const list = targets.get(call.rule);
        if (list === undefined) targets.set(call.rule, [call.target]);
        else list.push(call.target);
      }
    }
    const calls: SetCall[] = [];
    for (const [rule, after] of targets) {
      const start = this.reachedFrom([this.automaton.rules[rule]!.start]);
      const returns = this.reachedFrom(after);
      if (start.positions.length > 0 && returns.positions.length > 0) calls.push({ start, returns });
    }
    set.calls = calls;
    return calls;
  }
}
