/**
 * In which order pictures are learnt from: all of them in a new random order on every pass, so that none is seen twice before each has been
 * seen once. A batch follows from the key and the number of its step alone, and may lie across two passes.
 */
import type { RandomKey } from "@atelier/engine";

/** Passes whose order is remembered: batches are asked for nearly in order. */
const REMEMBERED = 4;

export class Order {
  readonly #length: number;
  readonly #key: RandomKey;
  readonly #passes = new Map<number, Uint32Array>();

  constructor(length: number, key: RandomKey) {
    this.#length = length;
    this.#key = key;
  }

  /** Places of the pictures of a step: (B) */
  batch(step: number, size: number): Int32Array {
    return Int32Array.from({ length: size }, (_, i) => {
      const at = step * size + i;
      const pass = Math.floor(at / this.#length);
      return this.#pass(pass)[at - pass * this.#length]!;
    });
  }

  #pass(number: number): Uint32Array {
    let order = this.#passes.get(number);
    if (order === undefined) {
      order = this.#key.at(number).permutation(this.#length);
      this.#passes.set(number, order);
      if (this.#passes.size > REMEMBERED) this.#passes.delete(this.#passes.keys().next().value!);
    }
    return order;
  }
}
