/** Donated state: what a compiled function takes, replaces and hands back, without the host looking at it in between. */
import { ArgumentError } from "./errors.js";

/**
 * An opaque handle on a tree of tensors. Passing it to a compiled function under a donated key uses it up: the function returns the
 * handle of the new state in its place.
 */
export class State<T = unknown> {
  private tree: T | undefined;

  constructor(tree: T) {
    this.tree = tree;
  }

  /** The numbers. The arrays must not be written to. @throws {ArgumentError} after the state was donated. */
  read(): T {
    if (this.tree === undefined) {
      throw new ArgumentError("This state was donated to a compiled function and is used up", {
        hint: "Use the state that the function returned.",
      });
    }
    return this.tree;
  }

  /** Takes the tensors out and leaves the handle used up. */
  take(): T {
    const tree = this.read();
    this.tree = undefined;
    return tree;
  }
}
