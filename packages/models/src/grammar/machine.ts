/**
 * The machine that reads bytes by a grammar: a pushdown automaton made deterministic as it runs. A state holds, for every stack of
 * open calls that is still possible, the set of positions on top of it; stacks share their lower frames. States are one object each
 * and remember where each byte leads, so that what was read before is a look-up, and whatever belongs to a state, such as its token
 * mask, can be kept with it.
 */
import { nearestOf } from "./distances.js";
import type { PositionSet, PositionSets } from "./position-sets.js";

/** An open call: where to go on when it returns, and the frame below. */
interface Frame {
  readonly id: number;
  readonly returns: PositionSet | undefined;
  readonly below: Frame | undefined;
  readonly depth: number;
  /** What closing this frame and those below costs after the return. */
  readonly distance: number;
  readonly above: Map<PositionSet, Frame>;
}

interface Top {
  readonly set: PositionSet;
  readonly frame: Frame;
}

/** What a state allows next; see `GrammarConstraint`. */
export interface AllowedTokens {
  /** Bit `id % 32` of word `id / 32` for each token. */
  readonly mask: Uint32Array;
  /** The greatest closing distance after any of these tokens. */
  readonly farthest: number;
  /** Whether there is any besides the end of text. */
  readonly any: boolean;
}

export interface MachineState {
  /** One for each frame; sets whose rule ended have been returned from already. */
  readonly tops: readonly Top[];
  /** Whether the text may end here. */
  readonly complete: boolean;
  /** The least number of tokens that lead to a complete state, as the distances given to the machine have it. */
  readonly closingDistance: number;
  /** `tops` and all calls that may begin here, found when first needed. */
  readers: readonly Top[] | undefined;
  next: (MachineState | null | undefined)[];
  allowed: AllowedTokens | undefined;
  generation: number;
}

/** More states than this are forgotten and found anew, to bound memory. */
const mostStates = 20_000;

export class Machine {
  readonly start: MachineState;
  private readonly sets: PositionSets;
  private readonly distances: Float64Array;
  private states = new Map<string, MachineState>();
  private generation = 0;
  private nextFrame = 0;
  private readonly bottom: Frame;

  /** @param distances the cost of getting from each position to the end of its rule */
  constructor(sets: PositionSets, distances: Float64Array) {
    this.sets = sets;
    this.distances = distances;
    this.bottom = this.newFrame(undefined, undefined);
    const begin = sets.reachedFrom([sets.automaton.rules[0]!.start]);
    this.start = this.stateOf(new Map([[this.bottom, begin]]));
  }

  /** The state after a byte of this class, or `null` if the grammar has no such byte here. */
  advance(state: MachineState, byteClass: number): MachineState | null {
    if (state.generation !== this.generation) {
      state.generation = this.generation; // what it remembers would keep forgotten states in memory
      state.next = this.nothingKnown();
    }
    const known = state.next[byteClass];
    if (known !== undefined) return known;
    state.readers ??= this.withCalls(state.tops);
    const tops = new Map<Frame, PositionSet>();
    for (const { set, frame } of state.readers) {
      const moved = this.sets.move(set, byteClass);
      if (moved !== null) this.join(tops, frame, moved);
    }
    const result = tops.size === 0 ? null : this.stateOf(this.returned(tops));
    state.next[byteClass] = result;
    return result;
  }

  private join(tops: Map<Frame, PositionSet>, frame: Frame, set: PositionSet): boolean {
    const present = tops.get(frame);
    const joined = present === undefined ? set : this.sets.union(present, set);
    if (joined === present) return false;
    tops.set(frame, joined);
    return true;
  }

  /** Rules that ended give way to where they were called from, the deepest first: returning only touches frames below. */
  private returned(tops: Map<Frame, PositionSet>): Map<Frame, PositionSet> {
    const done = new Set<Frame>();
    for (;;) {
      let deepest: Frame | undefined;
      for (const [frame, set] of tops) {
        if (set.ends && !done.has(frame) && frame.depth > (deepest?.depth ?? 0)) deepest = frame;
      }
      if (deepest === undefined) return tops;
      done.add(deepest);
      this.join(tops, deepest.below!, deepest.returns!);
      // Where nothing but the end was left, nothing is left now.
      if (tops.get(deepest)!.positions.every((position) => this.isOver(position))) tops.delete(deepest);
    }
  }

  private isOver(position: number): boolean {
    const { edges, calls } = this.sets.automaton;
    return edges[position]!.length === 0 && calls[position]!.length === 0;
  }

  private withCalls(tops: readonly Top[]): readonly Top[] {
    const all = new Map(tops.map(({ frame, set }) => [frame, set]));
    const pending = [...tops];
    for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
      for (const { start, returns } of this.sets.callsOf(top.set)) {
        const frame = this.frameAbove(top.frame, returns);
        if (this.join(all, frame, start)) pending.push({ frame, set: start });
      }
    }
    return Array.from(all, ([frame, set]) => ({ frame, set }));
  }

  private frameAbove(below: Frame, returns: PositionSet): Frame {
    let frame = below.above.get(returns);
    if (frame === undefined) {
      frame = this.newFrame(returns, below);
      below.above.set(returns, frame);
    }
    return frame;
  }

  private newFrame(returns: PositionSet | undefined, below: Frame | undefined): Frame {
    const distance = returns === undefined || below === undefined ? 0 : this.distanceOf(returns) + below.distance;
    const depth = below === undefined ? 0 : below.depth + 1;
    return { id: this.nextFrame++, returns, below, depth, distance, above: new Map() };
  }

  private distanceOf(set: PositionSet): number {
    set.distance ??= nearestOf(this.distances, set.positions);
    return set.distance;
  }

  private stateOf(byFrame: Map<Frame, PositionSet>): MachineState {
    const tops = Array.from(byFrame, ([frame, set]) => ({ frame, set }));
    if (tops.length > 1) tops.sort((a, b) => a.frame.id - b.frame.id);
    let key = "";
    for (const { frame, set } of tops) key += `${frame.id}:${set.id},`;
    const known = this.states.get(key);
    if (known !== undefined) return known;
    if (this.states.size >= mostStates || this.sets.full) this.forget();
    let closingDistance = Number.POSITIVE_INFINITY;
    for (const { frame, set } of tops) {
      closingDistance = Math.min(closingDistance, this.distanceOf(set) + frame.distance);
    }
    const state: MachineState = {
      tops,
      complete: byFrame.get(this.bottom)?.ends ?? false,
      closingDistance,
      readers: undefined,
      next: this.nothingKnown(),
      allowed: undefined,
      generation: this.generation,
    };
    this.states.set(key, state);
    return state;
  }

  private nothingKnown(): undefined[] {
    return new Array<undefined>(this.sets.automaton.classByte.length).fill(undefined);
  }

  /** What is in use stays valid: it is only no longer found, and so found anew beside. */
  private forget(): void {
    this.states = new Map();
    this.sets.forget();
    this.bottom.above.clear();
    this.generation++;
  }
}
