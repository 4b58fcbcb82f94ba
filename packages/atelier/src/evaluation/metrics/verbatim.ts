/**
 * The longest run of each of some texts that stands, character for character, in another text of any size: what a model has copied
 * from its training data.
 *
 * The index is over the few short texts (samples, and held-out passages beside them), and the long text streams past it once: a suffix
 * automaton (Blumer et al., "The smallest automaton recognizing the subwords of a text", 1985) holds every substring of the samples, and
 * following the training text through it gives the longest match that ends at each character. So the result is exact, memory does
 * not grow with the training text, and time grows in proportion to it.
 *
 * Lengths are in UTF-16 code units, as JavaScript counts a string: one for nearly every character, two for an emoji.
 */

export interface VerbatimRun {
  /** How many characters; 0 where not one of them occurs. */
  readonly length: number;
  /** Where in the sample it begins; the first of equally long ones. */
  readonly start: number;
}

const ROOT = 0;
const NONE = -1;
/** Integers of an edge in the hash table: state + 1 (0 is free), character, target, next edge of the same state. */
const EDGE = 4;

export class VerbatimIndex {
  readonly #texts: readonly string[];
  /** Of each state: the length of its longest substring, its suffix link, the latest of its edges. */
  readonly #length: Int32Array;
  readonly #link: Int32Array;
  readonly #lastEdge: Int32Array;
  /** The longest match of the training text that ended in each state. */
  readonly #matched: Int32Array;
  readonly #edges: Int32Array;
  readonly #mask: number;
  #states = 1;
  /** How far the training text has been followed: the state, and the length of the match that ends here. */
  #at = ROOT;
  #matching = 0;
  #read = 0;

  /** Takes about 200 bytes of memory for each character of the texts. */
  constructor(texts: readonly string[]) {
    this.#texts = texts;
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    // At most 2 states and 3 edges a character (Blumer et al., theorems 1.7 and 1.8); the table stays at most 3/4 full.
    const states = 2 * characters + 1;
    this.#length = new Int32Array(states);
    this.#link = new Int32Array(states).fill(NONE);
    this.#lastEdge = new Int32Array(states).fill(NONE);
    this.#matched = new Int32Array(states);
    const capacity = 2 ** Math.ceil(Math.log2(4 * characters + 4));
    this.#mask = capacity - 1;
    this.#edges = new Int32Array(EDGE * capacity);
    for (const text of texts) {
      let last = ROOT;
      for (let i = 0; i < text.length; i++) last = this.#extend(last, text.charCodeAt(i));
    }
  }

  /** How many characters have been read. */
  get read(): number {
    return this.#read;
  }

  /** Follows a piece of the training text; matches go on from the piece before. */
  follow(piece: string): void {
    let at = this.#at;
    let matching = this.#matching;
    for (let i = 0; i < piece.length; i++) {
      const character = piece.charCodeAt(i);
      let next = this.#target(at, character);
      while (next === NONE && at !== ROOT) {
        at = this.#link[at]!;
        matching = this.#length[at]!;
        next = this.#target(at, character);
      }
      if (next === NONE) continue; // no sample has this character: at the root, with nothing matched
      at = next;
      matching++;
      if (matching > this.#matched[at]!) this.#matched[at] = matching;
    }
    this.#at = at;
    this.#matching = matching;
    this.#read += piece.length;
  }

  /** Between two documents: no match goes on from one into the next. */
  endDocument(): void {
    this.#at = ROOT;
    this.#matching = 0;
  }

  /** The longest run of each text in what has been read so far. */
  runs(): VerbatimRun[] {
    const best = this.#longestSuffixes();
    return this.#texts.map((text) => {
      let [length, start, state] = [0, 0, ROOT];
      for (let i = 0; i < text.length; i++) {
        state = this.#target(state, text.charCodeAt(i)); // the state whose longest substring is the text up to here
        if (best[state]! > length) [length, start] = [best[state]!, i + 1 - best[state]!];
      }
      return { length, start };
    });
  }

  /** Of each state: the longest suffix of its longest substring that was met in the training text. */
  #longestSuffixes(): Int32Array {
    const states = this.#states;
    const order = Uint32Array.from({ length: states }, (_, state) => state).sort(
      (a, b) => this.#length[a]! - this.#length[b]!,
    );
    const best = this.#matched.slice(0, states);
    // Where a substring was met, so were all its suffixes.
    for (let i = states - 1; i > 0; i--) {
      const state = order[i]!;
      const link = this.#link[state]!;
      if (best[state]! > 0) best[link] = this.#length[link]!;
    }
    for (let i = 1; i < states; i++) {
      const state = order[i]!;
      if (best[state] === 0) best[state] = best[this.#link[state]!]!;
    }
    return best;
  }

  /** Adds a character after the state of a whole prefix, and returns the state of the longer one. */
  #extend(last: number, character: number): number {
    const known = this.#target(last, character);
    // An earlier text may have it already.
    if (known !== NONE) return this.#ofLength(last, character, known);
    const state = this.#states++;
    this.#length[state] = this.#length[last]! + 1;
    let from = last;
    let target = NONE;
    while (from !== NONE) {
      target = this.#target(from, character);
      if (target !== NONE) break;
      this.#setEdge(from, character, state);
      from = this.#link[from]!;
    }
    this.#link[state] = from === NONE ? ROOT : this.#ofLength(from, character, target);
    return state;
  }

  /** The state of the longest substring of `from` with the character after it: `target`, or a copy where that holds longer ones too. */
  #ofLength(from: number, character: number, target: number): number {
    const length = this.#length[from]! + 1;
    if (this.#length[target] === length) return target;
    const copy = this.#states++;
    this.#length[copy] = length;
    this.#link[copy] = this.#link[target]!;
    this.#link[target] = copy;
    for (let edge = this.#lastEdge[target]!; edge !== NONE; edge = this.#edges[edge + 3]!)
      this.#setEdge(copy, this.#edges[edge + 1]!, this.#edges[edge + 2]!);
    for (let state = from; state !== NONE && this.#target(state, character) === target; state = this.#link[state]!)
      this.#setEdge(state, character, copy);
    return copy;
  }

  /** The edge of a state and a character, or the free place for it. */
  #find(state: number, character: number): number {
    const edges = this.#edges;
    let hash = Math.imul(state ^ Math.imul(character, 0x85ebca6b), 0x9e3779b1);
    hash ^= hash >>> 15;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const edge = slot * EDGE;
      if (edges[edge] === 0 || (edges[edge] === state + 1 && edges[edge + 1] === character)) return edge;
    }
  }

  #target(state: number, character: number): number {
    const edge = this.#find(state, character);
    return this.#edges[edge] === 0 ? NONE : this.#edges[edge + 2]!;
  }

  #setEdge(state: number, character: number, target: number): void {
    const edge = this.#find(state, character);
    const edges = this.#edges;
    edges[edge + 2] = target;
    if (edges[edge] !== 0) return;
    edges[edge] = state + 1;
    edges[edge + 1] = character;
    edges[edge + 3] = this.#lastEdge[state]!;
    this.#lastEdge[state] = edge;
  }
}
