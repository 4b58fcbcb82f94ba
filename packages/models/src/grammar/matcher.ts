/** Where one text stands in its grammar. It is two fields, so cloning it costs nothing. */
import { ArgumentError } from "@atelier/engine/errors";
import type { GrammarConstraint } from "./constraint.js";
import type { MachineState } from "./machine.js";

export class GrammarMatcher {
  private readonly constraint: GrammarConstraint;
  /** `undefined` once the end token was accepted. */
  private state: MachineState | undefined;
  private remaining: number;

  /** Made by `GrammarConstraint.matcher`. */
  constructor(constraint: GrammarConstraint, state: MachineState | undefined, remaining: number) {
    this.constraint = constraint;
    this.state = state;
    this.remaining = remaining;
  }

  /**
   * The tokens that may come next: bit `id % 32` of word `id / 32` (rounded down). The end token is among them exactly if the text
   * is complete. Shared and kept: not to be changed. All zero when the text is finished and there is no end token to say so.
   */
  allowed(): Uint32Array {
    const { state, constraint } = this;
    if (state === undefined) return new Uint32Array((constraint.trie.vocabulary + 31) >>> 5);
    return constraint.allowed(state, this.remaining).mask;
  }

  /** Whether this token may come next. */
  allows(token: number): boolean {
    const word = this.allowed()[token >>> 5];
    return word !== undefined && ((word >>> (token & 31)) & 1) === 1;
  }

  /** @throws ArgumentError for a token that is not allowed; the matcher stays as it was */
  accept(token: number): void {
    const { state, constraint } = this;
    const isEnd = token === constraint.trie.endToken;
    const next = state === undefined || isEnd ? null : constraint.after(state, token);
    if (isEnd && state?.complete === true) {
      this.state = undefined;
    } else if (next !== null && next.closingDistance < this.remaining) {
      this.state = next;
      this.remaining--;
    } else {
      throw new ArgumentError(`Token ${token} is not allowed here by the grammar`, {
        hint: "Sample with grammarStep(matcher), which forbids such tokens.",
      });
    }
  }

  /** Whether the text may end here. */
  get complete(): boolean {
    return this.state === undefined || this.state.complete;
  }

  /** Whether the text has to end here: no token of text may follow. */
  get finished(): boolean {
    return this.state === undefined || !this.constraint.allowed(this.state, this.remaining).any;
  }

  /** The number of tokens after which the text can be complete; 0 where it is. See `GrammarConstraint` for how exact it is. */
  get closingDistance(): number {
    return this.state?.closingDistance ?? 0;
  }

  /** Another matcher at the same place, which goes its own way from here. */
  clone(): GrammarMatcher {
    return new GrammarMatcher(this.constraint, this.state, this.remaining);
  }
}
