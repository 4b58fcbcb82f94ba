/**
 * A grammar over the tokens of one codec: which tokens may come next, so that whatever is sampled is valid.
 *
 * The mask of a state is one walk over the token trie and is kept with the state (Willard and Louf 2023, "Efficient Guided
 * Generation for Large Language Models"; that a byte-level machine with a stack serves any codec, tokens that span parts of the
 * grammar included, is also in Dong et al. 2024, "XGrammar").
 *
 * A token is allowed only if tokens of this codec can still complete the text afterwards, so no generation gets stuck. How many
 * they are is known for every state, so that a budget is kept as well. The number is exact for grammars without recursion;
 * otherwise it is the least without tokens that reach across the borders of recursive rules, which may be more than necessary.
 */
import { ArgumentError } from "@atelier/engine/errors";
import { byteDistances, cheapestText, closingDistances } from "./distances.js";
import { UnsatisfiableGrammarError } from "./errors.js";
import type { Grammar } from "./grammar.js";
import { type AllowedTokens, Machine, type MachineState } from "./machine.js";
import { GrammarMatcher } from "./matcher.js";
import { type PositionSet, PositionSets } from "./position-sets.js";
import type { TokenTrie } from "./token-trie.js";

export interface MatcherOptions {
  /** At most this many tokens of text, the end token not counted. Without it a text may go on as long as the grammar lets it. */
  readonly maxTokens?: number | undefined;
}

/**
 * Make one for a grammar and a codec, and a matcher from it for each row; all of them share what is remembered.
 *
 * @example
 * const constraint = new GrammarConstraint(regexGrammar("[a-z]+"), new TokenTrie(tokenBytes, { endToken }));
 * const matcher = constraint.matcher({ maxTokens: 32 });
 * const sampler = new Sampler({ temperature: 0.8 }, [grammarStep(matcher)]);
 * while (!matcher.finished) matcher.accept(sampler.sample(nextLogits(), key.at(position++)));
 */
export class GrammarConstraint {
  readonly trie: TokenTrie;
  private readonly machine: Machine;
  private readonly byteClass: Uint8Array;
  /** For each node of the trie the class of its byte. */
  private readonly classes: Uint8Array;
  private readonly path: MachineState[] = [];

  /** @throws UnsatisfiableGrammarError if these tokens cannot write any text of the grammar, naming the characters they lack */
  constructor(grammar: Grammar, trie: TokenTrie) {
    const { automaton } = grammar;
    this.trie = trie;
    this.byteClass = automaton.byteClass;
    this.classes = trie.byte.map((byte) => automaton.byteClass[byte]!);
    const sets = new PositionSets(automaton, grammar.bytesToEnd);
    this.machine = new Machine(sets, this.tokenDistances(sets));
    if (this.leastTokens === Number.POSITIVE_INFINITY) throw cannotWrite(grammar, trie);
  }

  /** The number of tokens that are certain to suffice for some text: the least there is, as the head of this file has it. */
  get leastTokens(): number {
    return this.machine.start.closingDistance;
  }

  /**
   * A matcher at the beginning of a text.
   *
   * @throws UnsatisfiableGrammarError for fewer than `leastTokens` tokens
   * @throws ArgumentError if `maxTokens` is not a whole number
   */
  matcher({ maxTokens }: MatcherOptions = {}): GrammarMatcher {
    if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 0)) {
      throw new ArgumentError(`A number of tokens is a whole number from 0 up, got ${maxTokens}`, {
        hint: "Leave it out for a text of any length.",
      });
    }
    if (maxTokens !== undefined && maxTokens < this.leastTokens) {
      throw new UnsatisfiableGrammarError(
        `${maxTokens} tokens are too few: the grammar needs ${this.leastTokens} of this codec's tokens`,
        { hint: `Allow at least ${this.leastTokens} tokens, or ask for less.` },
      );
    }
    return new GrammarMatcher(this, this.machine.start, maxTokens ?? Number.POSITIVE_INFINITY);
  }

  /** The state after a token of text; `null` if the grammar forbids it, or nothing could complete the text any more. */
  after(state: MachineState, token: number): MachineState | null {
    const bytes = this.trie.bytesOf(token);
    if (bytes === undefined || bytes.length === 0) return null;
    let at: MachineState | null = state;
    for (const byte of bytes) {
      at = this.machine.advance(at, this.byteClass[byte]!);
      if (at === null) return null;
    }
    return at.closingDistance === Number.POSITIVE_INFINITY ? null : at;
  }

  /** What a state allows when `remaining` tokens may still follow. */
  allowed(state: MachineState, remaining: number): AllowedTokens {
    state.allowed ??= this.walk(state, Number.POSITIVE_INFINITY);
    // What is allowed without a limit stands if none of it leads too far; near the end of a budget it has to be found again.
    return state.allowed.farthest < remaining ? state.allowed : this.walk(state, remaining);
  }

  private walk(start: MachineState, remaining: number): AllowedTokens {
    const { trie, classes, path, machine } = this;
    const { depth, skip, token, twin, endToken } = trie;
    const mask = new Uint32Array((trie.vocabulary + 31) >>> 5);
    let farthest = 0;
    let any = false;
    path[0] = start;
    for (let node = 0; node < depth.length; ) {
      const at = depth[node]!;
      const from = path[at]!;
      const byteClass = classes[node]!;
      const known = from.next[byteClass];
      // The look-up is `advance`'s own first question, asked here because nearly all of the time is spent on it.
      const next = known === undefined ? machine.advance(from, byteClass) : known;
      if (next === null) {
        node = skip[node]!;
        continue;
      }
      path[at + 1] = next;
      const first = token[node++]!;
      if (first < 0 || next.closingDistance >= remaining) continue;
      any = true;
      if (next.closingDistance > farthest) farthest = next.closingDistance;
      for (let id = first; id >= 0; id = twin[id]!) mask[id >>> 5]! |= 1 << (id & 31);
    }
    path.length = 0;
    if (start.complete && endToken !== undefined) mask[endToken >>> 5]! |= 1 << (endToken & 31);
    return { mask, farthest, any };
  }

  /** The least number of tokens from each position to the end of its rule: every token walked from every position. */
  private tokenDistances(sets: PositionSets): Float64Array {
    const { automaton } = sets;
    const path: PositionSet[] = [];
    return closingDistances(automaton, (position) => {
      if (automaton.edges[position]!.length === 0) return [];
      const found = new Set<PositionSet>();
      this.trie.walk(
        sets.exactly([position]),
        this.classes,
        path,
        (set, byteClass) => sets.move(set, byteClass),
        (_, set) => found.add(set),
      );
      return Array.from(found, ({ positions }) => ({ cost: 1, targets: positions }));
    });
  }
}

/** More than any text is long, so that the text found has as few bytes of this kind as possible. */
const missing = 1e9;

/** Why not: the characters that every text needs and no token has, or that the tokens cannot be put together. */
function cannotWrite({ automaton }: Grammar, trie: TokenTrie): UnsatisfiableGrammarError {
  const present = new Set(trie.byte);
  const costOf = (byte: number): number => (present.has(byte) ? 1 : missing);
  const text = new TextDecoder().decode(cheapestText(automaton, byteDistances(automaton, costOf), costOf));
  const encoder = new TextEncoder();
  const lacking = new Set(
    Array.from(text).filter((character) => encoder.encode(character).some((b) => !present.has(b))),
  );
  const list = Array.from(lacking, (character) => JSON.stringify(character)).join(", ");
  const example = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  return new UnsatisfiableGrammarError(
    lacking.size > 0
      ? `The codec has no tokens to write what the grammar demands: it lacks ${list}, as in ${example}`
      : `The codec's tokens cannot be put together to any text of the grammar, for example not to ${example}`,
    { hint: "Use a codec that has these characters (a byte-level one has all), or another grammar." },
  );
}
