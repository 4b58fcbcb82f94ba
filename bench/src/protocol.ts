/**
 * The measuring protocol. Ours and the peer take turns, at least five times in one run, after a warm-up each; the figure is the median of the
 * pairwise ratios, so that a machine that slows down or speeds up slows or speeds both of a pair. Which of the two goes first changes
 * every round. Only one works at a time: between turns there is a pause in which the thread pools of the one that has finished stop
 * spinning.
 */

import { setTimeout as pause } from "node:timers/promises";
import { median, range } from "./statistics.js";

/** Anything that takes training steps and says how many milliseconds they took together. */
export interface Steps {
  steps(count: number): Promise<number>;
}

export interface TurnSettings {
  readonly rounds: number;
  /** Steps in each of our turns, and in each of the peer's (different when one is many times faster). */
  readonly ourSteps: number;
  readonly peerSteps: number;
  readonly pauseMilliseconds?: number;
  readonly onRound?: (round: number, ratio: number) => void;
}

export interface Comparison {
  /** Median milliseconds for one step. */
  readonly ours: number;
  readonly peer: number;
  /** Median of ours / peer over the rounds. */
  readonly ratio: number;
  readonly range: readonly [number, number];
}

/** Warms both up with one turn each, then alternates. */
export async function alternate(ours: Steps, peer: Steps, settings: TurnSettings): Promise<Comparison> {
  const { rounds, ourSteps, peerSteps, pauseMilliseconds = 300 } = settings;
  const take = async (worker: Steps, count: number) => {
    await pause(pauseMilliseconds);
    return (await worker.steps(count)) / count;
  };
  await take(ours, ourSteps);
  await take(peer, peerSteps);
  const pairs: { readonly ours: number; readonly peer: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const oursFirst = round % 2 === 0;
    const first = oursFirst ? await take(ours, ourSteps) : await take(peer, peerSteps);
    const second = oursFirst ? await take(peer, peerSteps) : await take(ours, ourSteps);
    const pair = oursFirst ? { ours: first, peer: second } : { ours: second, peer: first };
    pairs.push(pair);
    settings.onRound?.(round, pair.ours / pair.peer);
  }
  const ratios = pairs.map((pair) => pair.ours / pair.peer);
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    peer: median(pairs.map((pair) => pair.peer)),
    ratio: median(ratios),
    range: range(ratios),
  };
}
