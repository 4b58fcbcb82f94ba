/** Early stopping: which evaluation was the best, and when there is no use in going on (Prechelt 1998, "Early stopping, but when?"). */

export class Patience {
  /** Evaluations without a new best before giving up. */
  readonly limit: number;
  #loss = Number.POSITIVE_INFINITY;
  #step = 0;
  #since = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The step of the best evaluation; 0 before the first. */
  get best(): number {
    return this.#step;
  }

  get exhausted(): boolean {
    return this.#since >= this.limit;
  }

  /** Takes note of an evaluation; true where it is the best so far. */
  note(step: number, loss: number): boolean {
    if (loss < this.#loss) {
      this.#loss = loss;
      this.#step = step;
      this.#since = 0;
      return true;
    }
    this.#since++;
    return false;
  }
}
