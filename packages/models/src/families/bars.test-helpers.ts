/** The smallest pictures that there is something to learn about: one white row or column on black, each of eight equally often. */
import { type HostTensor, hostTensor, RandomKey } from "@atelier/engine";
import type { Field } from "../likelihoods/index.js";

const SIDE = 4;

/** How many different pictures there are; rows first. */
export const BARS = 2 * SIDE;
export const barShape = [1, SIDE, SIDE] as const;
export const barFields: readonly Field[] = [
  { name: "pixels", channels: 1, kind: "continuous", range: [-1, 1], levels: 256 },
];

/** (N, 1, 4, 4): −1 for black, 1 for white */
export function barsOf(labels: ArrayLike<number>): HostTensor {
  const pixels = new Float32Array(labels.length * SIDE * SIDE).fill(-1);
  for (let i = 0; i < labels.length; i++) {
    const [bar, across] = [labels[i]! % SIDE, labels[i]! < SIDE];
    for (let j = 0; j < SIDE; j++) pixels[(i * SIDE + (across ? bar : j)) * SIDE + (across ? j : bar)] = 1;
  }
  return hostTensor(pixels, [labels.length, ...barShape]);
}

/** A batch of bars at random, and which they are. */
export function barBatch(step: number, rows = 32): { readonly x: HostTensor; readonly label: HostTensor } {
  const key = RandomKey.fromSeed(11).at(step);
  const label = Int32Array.from({ length: rows }, (_, i) => key.at(i).integer(BARS));
  return { x: barsOf(label), label: hostTensor(label, [rows]) };
}

/** Each of the eight once. */
export const everyBar = (): HostTensor => barsOf(Array.from({ length: BARS }, (_, i) => i));
