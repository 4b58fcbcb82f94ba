/**
 * Byte-pair encoding of one pre-token by ranked merges: again and again the adjacent pair of lowest rank (leftmost first) becomes
 * one token, until no adjacent pair has a rank. Where the merges come from (trained here, read from a file) is no matter.
 *
 * Sennrich, Haddow, Birch: "Neural Machine Translation of Rare Words with Subword Units" (ACL 2016), algorithm 1, on bytes.
 * Words are short: their ranks are scanned for the lowest. For the rare long run of characters (unspaced scripts, base64) a heap over
 * a linked list makes it O(n log n), so that one "word" of a million letters is encoded too.
 */
import { Heap } from "./heap.js";

export interface Merge {
  readonly left: number;
  readonly right: number;
  /** The id of the token that the two become. */
  readonly merged: number;
}

const none = 2 ** 31 - 1; // no such merge
const longestScanned = 64;
const positions = 2 ** 31; // a candidate is one number, rank × 2³¹ + position, exact below 2⁵³

export class RankedMerges {
  private readonly merges: readonly Merge[];
  private readonly vocabulary: number;
  /** Rank by `left × vocabulary + right`. */
  private readonly ranks = new Map<number, number>();
  private readonly pairRanks = new Int32Array(longestScanned);

  /** The rank of a merge is its place in the list; of a pair listed twice the first counts. */
  constructor(merges: readonly Merge[], vocabulary: number) {
    this.merges = merges;
    this.vocabulary = vocabulary;
    merges.forEach(({ left, right }, rank) => {
      const pair = left * vocabulary + right;
      if (!this.ranks.has(pair)) this.ranks.set(pair, rank);
    });
  }

  /** Merges `ids` (one per byte) in place; returns how many ids are left, at the front. */
  apply(ids: Int32Array): number {
    return ids.length <= longestScanned ? this.scan(ids) : this.applyWithHeap(ids);
  }

  private rankOf(left: number, right: number): number {
    return this.ranks.get(left * this.vocabulary + right) ?? none;
  }

  private scan(ids: Int32Array): number {
    const { pairRanks } = this; // pairRanks[i] is the rank of ids[i] and ids[i + 1]
    let length = ids.length;
    for (let i = 0; i + 1 < length; i++) pairRanks[i] = this.rankOf(ids[i]!, ids[i + 1]!);
    for (;;) {
      let lowest = none;
      let at = 0;
      for (let i = 0; i + 1 < length; i++) {
        if (pairRanks[i]! < lowest) {
          lowest = pairRanks[i]!;
          at = i;
        }
      }
      if (lowest === none) return length;
      ids[at] = this.merges[lowest]!.merged;
      length--;
      for (let i = at + 1; i < length; i++) {
        ids[i] = ids[i + 1]!;
        pairRanks[i] = pairRanks[i + 1]!;
      }
      if (at + 1 < length) pairRanks[at] = this.rankOf(ids[at]!, ids[at + 1]!);
      if (at > 0) pairRanks[at - 1] = this.rankOf(ids[at - 1]!, ids[at]!);
    }
  }

  private applyWithHeap(ids: Int32Array): number {
    const next = new Int32Array(ids.length);
    const previous = new Int32Array(ids.length);
    for (let i = 0; i < ids.length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    const candidates = new Heap<number>((a, b) => a < b);
    const consider = (at: number): void => {
      const rank = this.rankOf(ids[at]!, ids[next[at]!]!);
      if (rank !== none) candidates.push(rank * positions + at);
    };
    for (let at = 0; at + 1 < ids.length; at++) consider(at);
    for (let candidate = candidates.pop(); candidate !== undefined; candidate = candidates.pop()) {
      const { left, right, merged } = this.merges[Math.floor(candidate / positions)]!;
      const at = candidate % positions;
      const following = next[at]!;
      // Stale: one of the two has been merged into something else since.
      if (ids[at] !== left || following >= ids.length || ids[following] !== right) continue;
      ids[at] = merged;
      ids[following] = -1;
      const after = next[following]!;
      next[at] = after;
      if (after < ids.length) {
        previous[after] = at;
        consider(at);
      }
      if (previous[at]! >= 0) consider(previous[at]!);
    }
    let length = 0;
    for (let at = 0; at < ids.length; at = next[at]!) ids[length++] = ids[at]!;
    return length;
  }
}
