/**
 * How long a grammar takes to say which of 8,192 tokens may come next, at every token of random generations; the "peer" is the bar, half
 * a millisecond. Nothing is remembered from one round to the next: every round begins with a new constraint.
 */

import { readdirSync, readFileSync } from "node:fs";
import { BpeCodec } from "@atelier/data";
import { RandomKey } from "@atelier/engine/random";
import {
  ebnfGrammar,
  type Grammar,
  GrammarConstraint,
  jsonSchemaGrammar,
  regexGrammar,
  TokenTrie,
} from "@atelier/models";
import { median, range } from "../statistics.js";
import type { Row } from "./row.js";

const allowedMilliseconds = 0.5;
const vocabulary = 8192;
const generations = 20;
const tokensEach = 200;

const person = {
  type: "object",
  properties: {
    name: { type: "string" },
    age: { type: "integer", minimum: 0, maximum: 130 },
    email: { type: "string", format: "email" },
    tags: { type: "array", items: { type: "string", maxLength: 12 }, maxItems: 5 },
    address: { $ref: "#/$defs/address" },
    score: { type: "number", minimum: -1.5, exclusiveMaximum: 2 },
  },
  required: ["name", "age", "address"],
  $defs: {
    address: {
      type: "object",
      properties: {
        street: { type: "string" },
        zip: { type: "string", pattern: "^[0-9]{5}$" },
        kind: { enum: ["home", null] },
      },
      required: ["street"],
    },
  },
};

const grammars = (): Record<string, Grammar> => ({
  record: jsonSchemaGrammar(person),
  "record with white space": jsonSchemaGrammar(person, { whitespace: "flexible" }),
  "any JSON": jsonSchemaGrammar(true),
  "a text of at most 1,000": jsonSchemaGrammar({ type: "string", minLength: 200, maxLength: 1000 }),
  regex: regexGrammar("(?:\\p{L}+[ ,]){3,}\\d{4}-\\w*"),
  arithmetic: ebnfGrammar('root ::= root [+*/-] term | term\nterm ::= [a-z0-9]+ | "(" root ")"'),
});

/** A byte-level BPE of this repository's own texts and sources. */
function tokens(): TokenTrie {
  const root = new URL("../../../", import.meta.url);
  const texts = readdirSync(new URL("packages", root), { recursive: true, encoding: "utf8" })
    .filter((path) => /^\w+\/(?:src\/.*\.ts|README\.md)$/.test(path))
    .sort()
    .map((path) => readFileSync(new URL(`packages/${path}`, root), "utf8"));
  const codec = BpeCodec.train(texts, { vocabulary });
  const specials = new Set(Object.values(codec.spec.specials));
  const bytes = Array.from({ length: codec.spec.vocabulary }, (_, id) =>
    specials.has(id) ? undefined : codec.decodeBytes([id]),
  );
  return new TokenTrie(bytes, { endToken: [...specials][0] });
}

/** Milliseconds for each mask of some random generations. */
function measureMasks(grammar: Grammar, trie: TokenTrie): number[] {
  const constraint = new GrammarConstraint(grammar, trie);
  const times: number[] = [];
  for (let i = 0; i < generations; i += 1) {
    const matcher = constraint.matcher({ maxTokens: Math.max(tokensEach, constraint.leastTokens) });
    for (let step = 0; ; step += 1) {
      const start = performance.now();
      const mask = matcher.allowed();
      times.push(performance.now() - start);
      if (matcher.finished) break;
      const allowed = Array.from({ length: trie.vocabulary }, (_, id) => id).filter(
        (id) => id !== trie.endToken && ((mask[id >>> 5]! >>> (id & 31)) & 1) === 1,
      );
      matcher.accept(allowed[Math.floor(RandomKey.fromSeed(i).at(step).float64() * allowed.length)]!);
    }
  }
  return times.sort((a, b) => a - b);
}

export const grammarMask: Row = {
  name: "grammar-mask",
  title: "the token mask of a grammar at vocabulary 8,192, slowest hundredth of a generation, against 0.5 ms",
  unit: "ms",
  bar: 1.0,
  needs: [],
  async measure(context) {
    const trie = tokens();
    const rounds: { name: string; times: number[] }[][] = [];
    for (let round = 0; round < context.rounds; round += 1) {
      rounds.push(Object.entries(grammars()).map(([name, grammar]) => ({ name, times: measureMasks(grammar, trie) })));
      context.progress(`round ${round + 1} of ${context.rounds}: ${worst(rounds[round]!).toFixed(3)} ms`);
    }
    const [least, greatest] = range(rounds.map(worst));
    const middle = median(rounds.map(worst));
    const notes = rounds[0]!.map(({ name }, i) => {
      const over = (figure: (times: number[]) => number): string =>
        median(rounds.map((results) => figure(results[i]!.times))).toFixed(3);
      return `${name} ${over(mean)} / ${over(percentile)} / ${over((times) => times.at(-1)!)}`;
    });
    return {
      ours: middle,
      peer: allowedMilliseconds,
      ratio: middle / allowedMilliseconds,
      range: [least / allowedMilliseconds, greatest / allowedMilliseconds],
      note: `99th percentile of the slowest grammar; mean / 99th percentile / maximum of each, in ms: ${notes.join(", ")} (${trie.vocabulary} tokens)`,
    };
  },
};

const mean = (times: readonly number[]): number => times.reduce((sum, time) => sum + time, 0) / times.length;
const percentile = (times: readonly number[]): number => times[Math.floor(times.length * 0.99)]!;
const worst = (results: readonly { readonly times: readonly number[] }[]): number =>
  Math.max(...results.map(({ times }) => percentile(times)));
