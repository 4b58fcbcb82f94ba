/**
 * The tokens of a codec as a tree of their bytes, laid out flat in the order of a depth-first walk: a mask is one pass over it, in
 * which a byte that is not possible skips all tokens that go on from there.
 */
import { ArgumentError } from "@atelier/engine/errors";

export interface TokenTrieOptions {
  /** The token that ends a text, where the codec has one. */
  readonly endToken?: number | undefined;
}

export class TokenTrie {
  readonly vocabulary: number;
  readonly endToken: number | undefined;
  /** For each node its last byte. */
  readonly byte: Uint8Array;
  /** The number of bytes before that one. */
  readonly depth: Int32Array;
  /** The first node that does not go on from this one. */
  readonly skip: Int32Array;
  /** A token that ends here, or -1. */
  readonly token: Int32Array;
  /** For each token another one of the same bytes, or -1. */
  readonly twin: Int32Array;
  readonly mostBytes: number;

  /**
   * @param tokenBytes the bytes of each token by id; undefined for special tokens, which a grammar never allows (but for `endToken`).
   *   A token without bytes is never allowed either, since it leads nowhere.
   * @throws ArgumentError for an end token that is not in the vocabulary, or is a token of text
   */
  constructor(tokenBytes: readonly (Uint8Array | undefined)[], { endToken }: TokenTrieOptions = {}) {
    this.vocabulary = tokenBytes.length;
    this.endToken = endToken;
    if (endToken !== undefined && !(Number.isInteger(endToken) && endToken >= 0 && endToken < tokenBytes.length)) {
      throw new ArgumentError(`The end token ${endToken} is not in the vocabulary of ${tokenBytes.length}`, {
        hint: "Give the id of the codec's end-of-text token, or none.",
      });
    }
    if (endToken !== undefined && tokenBytes[endToken] !== undefined) {
      throw new ArgumentError(`The end token ${endToken} has bytes, so it is a token of text`, {
        hint: "Special tokens have undefined in place of bytes.",
      });
    }
    const sorted: { readonly id: number; readonly bytes: Uint8Array }[] = [];
    tokenBytes.forEach((bytes, id) => {
      if (bytes !== undefined && bytes.length > 0) sorted.push({ id, bytes });
    });
    sorted.sort((a, b) => compare(a.bytes, b.bytes) || b.id - a.id);

    this.twin = new Int32Array(tokenBytes.length).fill(-1);
    const byte: number[] = [];
    const depth: number[] = [];
    const skip: number[] = [];
    const token: number[] = [];
    const open: number[] = []; // the nodes from the root to the newest
    let previous = new Uint8Array(0);
    for (const { id, bytes } of sorted) {
      let common = 0;
      while (common < Math.min(previous.length, bytes.length) && previous[common] === bytes[common]) common++;
      if (common < bytes.length) {
        for (const node of open.splice(common)) skip[node] = byte.length;
        for (let i = common; i < bytes.length; i++) {
          open.push(byte.length);
          byte.push(bytes[i]!);
          depth.push(i);
          skip.push(0);
          token.push(-1);
        }
      }
      const node = open.at(-1)!;
      this.twin[id] = token[node]!;
      token[node] = id;
      previous = bytes.slice();
    }
    for (const node of open) skip[node] = byte.length;
    this.byte = Uint8Array.from(byte);
    this.depth = Int32Array.from(depth);
    this.skip = Int32Array.from(skip);
    this.token = Int32Array.from(token);
    this.mostBytes = sorted.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
    this.tokenBytes = tokenBytes;
  }

  private readonly tokenBytes: readonly (Uint8Array | undefined)[];

  /** The bytes of a token of text; undefined for any other. */
  bytesOf(token: number): Uint8Array | undefined {
    return this.tokenBytes[token];
  }

  /**
   * Walks from a state through all bytes that it and its successors can read, and reports each node where a token ends.
   *
   * @param classes the class of each node's byte
   * @param states working memory for `mostBytes + 1` states
   */
  walk<State>(
    start: State,
    classes: Uint8Array,
    states: State[],
    advance: (state: State, byteClass: number) => State | null,
    found: (token: number, state: State) => void,
  ): void {
    const { depth, skip, token } = this;
    states[0] = start;
    for (let node = 0; node < depth.length; ) {
      const at = depth[node]!;
      const next = advance(states[at]!, classes[node]!);
      if (next === null) {
        node = skip[node]!;
        continue;
      }
      states[at + 1] = next;
      if (token[node]! >= 0) found(token[node]!, next);
      node++;
    }
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
