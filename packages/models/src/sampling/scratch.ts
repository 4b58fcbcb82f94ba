/** Working memory of the sampling steps, allocated once per vocabulary size and used again for every token. */
export class SamplingScratch {
  private size = 0;
  /** (vocabulary): the row of logits that the steps change. */
  logits = new Float32Array(0);
  /** (vocabulary): unnormalised probabilities. */
  weights = new Float64Array(0);
  /** (vocabulary): token ids, for partial sorting. */
  candidates = new Int32Array(0);

  /** Makes every array `size` long. Their contents are undefined after a change of size. */
  resize(size: number): void {
    if (size === this.size) return;
    this.size = size;
    this.logits = new Float32Array(size);
    this.weights = new Float64Array(size);
    this.candidates = new Int32Array(size);
  }
}
