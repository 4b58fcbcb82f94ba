/**
 * Which text was the first of its 64-bit hash: an open-addressing table in typed arrays, 16 to 32 bytes a text. Among ten million texts,
 * two different ones share a hash with a probability of 3 in a million (n² / 2^65).
 */
export class ExactDuplicateIndex {
  #high = new Uint32Array(1024);
  #low = new Uint32Array(1024);
  /** Number of the text + 1, or 0. */
  #ids = new Uint32Array(1024);
  #size = 0;

  find(high: number, low: number): number | undefined {
    const found = this.#ids[this.#slot(high, low)]!;
    return found === 0 ? undefined : found - 1;
  }

  /** Notes the text of a hash, unless it has one. */
  add(high: number, low: number, id: number): void {
    if (this.#size >= 0.75 * this.#ids.length) this.#grow();
    const slot = this.#slot(high, low);
    if (this.#ids[slot] !== 0) return;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#ids[slot] = id + 1;
    this.#size++;
  }

  /** Where the hash is, or would go. */
  #slot(high: number, low: number): number {
    const mask = this.#ids.length - 1;
    let slot = low & mask;
    while (this.#ids[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [high, low, ids] = [this.#high, this.#low, this.#ids];
    this.#high = new Uint32Array(high.length * 2);
    this.#low = new Uint32Array(low.length * 2);
    this.#ids = new Uint32Array(ids.length * 2);
    this.#size = 0;
    for (let i = 0; i < ids.length; i++) if (ids[i] !== 0) this.add(high[i]!, low[i]!, ids[i]! - 1);
  }
}
