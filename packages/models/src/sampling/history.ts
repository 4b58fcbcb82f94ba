import { ArgumentError } from "@atelier/engine/errors";

/**
 * What one row has read and written of late, as the repetition penalty needs it: how often each token stands among the last `window`.
 * Allocated once a row; adding a token costs the same however long the row is.
 */
export class TokenHistory {
  /** (vocabulary): how often each token stands in the window. */
  readonly counts: Uint32Array;
  /** The window's tokens, the oldest at `next` once it is full; none are kept where the window has no end. */
  readonly #ring: Int32Array;
  #next = 0;
  #full = false;

  /**
   * @param window how many of the latest tokens count; all of them where it is left out
   * @throws ArgumentError unless the window is a whole number from 1 up
   */
  constructor(vocabulary: number, window?: number) {
    requireWindow(window);
    this.counts = new Uint32Array(vocabulary);
    this.#ring = new Int32Array(window ?? 0);
  }

  /** Adds the row's next token, of its prompt or drawn. @throws ArgumentError where it is not in the vocabulary */
  push(token: number): void {
    if (!(Number.isInteger(token) && token >= 0 && token < this.counts.length)) {
      throw new ArgumentError(`Token ${token} is not in a vocabulary of ${this.counts.length}`, {
        hint: "Make the history with the vocabulary of the model that the tokens come from.",
      });
    }
    this.counts[token]!++;
    if (this.#ring.length === 0) return;
    if (this.#full) this.counts[this.#ring[this.#next]!]!--;
    this.#ring[this.#next] = token;
    this.#next = (this.#next + 1) % this.#ring.length;
    if (this.#next === 0) this.#full = true;
  }
}

/** @throws ArgumentError unless it is a whole number from 1 up, or left out */
export function requireWindow(window: number | undefined): void {
  if (window === undefined || (Number.isSafeInteger(window) && window >= 1)) return;
  throw new ArgumentError(`A repetition window is a whole number of tokens from 1 up, got ${window}`, {
    hint: "Leave it out to count everything that the row has read and written.",
  });
}
