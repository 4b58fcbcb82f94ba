/** Vocabularies of three kinds for the tests, and generation by uniform choice among the allowed tokens. */
import type { RandomKey } from "@atelier/engine/random";
import { GrammarConstraint } from "./constraint.js";
import type { Grammar } from "./grammar.js";
import { TokenTrie } from "./token-trie.js";

const encoder = new TextEncoder();

/** All 256 single bytes, then the end token. */
export const byteTokens: readonly Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

/** One token for each character of a text. */
export function characterTokens(text: string): Uint8Array[] {
  return [...new Set(text)].map((character) => encoder.encode(character));
}

/** All bytes, and the most frequent pieces of two to ten bytes of a text, wherever they begin and end: half characters too. */
export function pieceTokens(text: string, count: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  const counts = new Map<string, number>();
  for (let start = 0; start < bytes.length; start++) {
    for (let length = 2; length <= 10 && start + length <= bytes.length; length++) {
      const piece = bytes.toString("latin1", start, start + length);
      counts.set(piece, (counts.get(piece) ?? 0) + length);
    }
  }
  const best = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, count);
  return [...byteTokens, ...best.map(([piece]) => new Uint8Array(Buffer.from(piece, "latin1")))];
}

/** A trie of these tokens, whose end token has the id after the last. */
export function trieOf(tokens: readonly Uint8Array[]): TokenTrie {
  return new TokenTrie([...tokens, undefined], { endToken: tokens.length });
}

export function constrain(grammar: Grammar, tokens: readonly Uint8Array[]): GrammarConstraint {
  return new GrammarConstraint(grammar, trieOf(tokens));
}

/** A text of tokens chosen at random among those allowed, until the grammar or the end token ends it; as bytes. */
export function randomBytes(constraint: GrammarConstraint, key: RandomKey, maxTokens?: number): Buffer {
  const matcher = constraint.matcher({ maxTokens });
  const { trie } = constraint;
  const bytes: number[] = [];
  for (let step = 0; !matcher.finished; step++) {
    const mask = matcher.allowed();
    const allowed: number[] = [];
    for (let token = 0; token < trie.vocabulary; token++) {
      if (((mask[token >>> 5]! >>> (token & 31)) & 1) === 1) allowed.push(token);
    }
    const token = allowed[Math.floor(key.at(step).float64() * allowed.length)]!;
    matcher.accept(token);
    if (token === trie.endToken) break;
    bytes.push(...trie.bytesOf(token)!);
  }
  if (!matcher.complete) throw new TypeError(`An incomplete text: ${Buffer.from(bytes).toString()}`);
  return Buffer.from(bytes);
}

/** The same as text. @throws TypeError for bytes that are not UTF-8 */
export function randomText(constraint: GrammarConstraint, key: RandomKey, maxTokens?: number): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(randomBytes(constraint, key, maxTokens));
}

/** Whether a text is in the language, read byte by byte; the tokens have to be those of `byteTokens`. */
export function reads(constraint: GrammarConstraint, text: string): boolean {
  const matcher = constraint.matcher();
  for (const byte of encoder.encode(text)) {
    if (!matcher.allows(byte)) return false;
    matcher.accept(byte);
  }
  return matcher.complete;
}
