/**
 * Finds stop strings in text that comes in pieces, wherever the borders of the pieces lie. Text that may be the beginning of a stop
 * string is held back until it is known not to be.
 */
import { ArgumentError } from "@atelier/engine";

export class StopStrings {
  readonly #strings: readonly string[];
  #held = "";
  #found = false;

  /** @throws {ArgumentError} for an empty string, which is found everywhere */
  constructor(strings: readonly string[]) {
    if (strings.includes("")) throw new ArgumentError("A stop string has at least one character");
    this.#strings = strings;
  }

  get found(): boolean {
    return this.#found;
  }

  /** The text that is now certain to come before any stop string; once one is found, nothing more. */
  push(piece: string): string {
    if (this.#found) return "";
    const text = this.#held + piece;
    const places = this.#strings.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    this.#found = places.length > 0;
    const end = this.#found ? Math.min(...places) : text.length - this.#unsure(text);
    this.#held = this.#found ? "" : text.slice(end);
    return text.slice(0, end);
  }

  /** What was held back: no more text comes to make a stop string of it. */
  end(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  /** The length of the longest end of the text that begins a stop string. */
  #unsure(text: string): number {
    const longest = Math.max(0, ...this.#strings.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const tail = text.slice(text.length - length);
      if (this.#strings.some((stop) => stop.startsWith(tail))) return length;
    }
    return 0;
  }
}
