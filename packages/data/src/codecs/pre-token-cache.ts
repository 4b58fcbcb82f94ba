/**
 * The ids of pre-tokens met before: text repeats its words, so nearly every lookup hits. Bounded by two generations: when the
 * young one is full it becomes the old one and the former old one is dropped, so what is still in use survives.
 */

/** Longer pre-tokens are rare and seldom repeat. */
const longestKept = 64;

export class PreTokenCache {
  private readonly capacity: number;
  private young = new Map<string, Int32Array>();
  private old = new Map<string, Int32Array>();

  /** Holds at most `2 × capacity` pre-tokens. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(preToken: string): Int32Array | undefined {
    const ids = this.young.get(preToken);
    if (ids !== undefined) return ids;
    const kept = this.old.get(preToken);
    if (kept !== undefined) this.set(preToken, kept);
    return kept;
  }

  set(preToken: string, ids: Int32Array): void {
    if (preToken.length > longestKept) return;
    if (this.young.size >= this.capacity) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(unshared(preToken), ids);
  }

  get size(): number {
    return this.young.size + this.old.size;
  }
}

/** A copy that does not keep the whole text alive, as a slice of it does in V8. */
function unshared(slice: string): string {
  const units = new Array<number>(slice.length);
  for (let i = 0; i < slice.length; i++) units[i] = slice.charCodeAt(i);
  return String.fromCharCode(...units);
}
