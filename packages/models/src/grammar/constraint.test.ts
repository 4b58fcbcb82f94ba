import { ArgumentError } from "@atelier/engine/errors";
import { RandomKey } from "@atelier/engine/random";
import { describe, expect, it } from "vitest";
import { Sampler } from "../sampling/index.js";
import { GrammarConstraint } from "./constraint.js";
import { ebnfGrammar } from "./ebnf.js";
import { UnsatisfiableGrammarError } from "./errors.js";
import { jsonSchemaGrammar } from "./json-schema/json-schema.js";
import { regexGrammar } from "./regex.js";
import { grammarStep } from "./step.js";
import { TokenTrie } from "./token-trie.js";
import { byteTokens, characterTokens, constrain, randomText } from "./vocabularies.test-helpers.js";

describe("GrammarConstraint", () => {
  it("names the characters that the codec lacks", () => {
    const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
    const tokens = characterTokens('a":0123456789');
    expect(() => constrain(jsonSchemaGrammar(schema), tokens)).toThrow(UnsatisfiableGrammarError);
    expect(() => constrain(jsonSchemaGrammar(schema), tokens)).toThrow(/it lacks "\{", "\}", as in "\{\\"a\\":\d\}"/);
    expect(() => constrain(regexGrammar("aé"), characterTokens("aè"))).toThrow('it lacks "é"');
    // What is lacking in one alternative only is left out of the masks.
    expect(randomText(constrain(regexGrammar("[xyz]|[0-9]"), characterTokens("abcz")), RandomKey.fromSeed(1))).toBe(
      "z",
    );
  });

  it("says when tokens cannot be put together", () => {
    const tokens = [Uint8Array.of(0x61, 0x62), Uint8Array.of(0x63, 0x62)];
    expect(() => constrain(regexGrammar("ac"), tokens)).toThrow(
      'cannot be put together to any text of the grammar, for example not to "ac"',
    );
  });

  it("keeps to a budget, and refuses one that is too small", () => {
    const grammar = ebnfGrammar('root ::= "[" (root ("," root)*)? "]" | "{" root "}"');
    const constraint = constrain(grammar, byteTokens);
    expect(constraint.leastTokens).toBe(2);
    expect(() => constraint.matcher({ maxTokens: 1 })).toThrow("1 tokens are too few: the grammar needs 2");
    expect(() => constraint.matcher({ maxTokens: 2.5 })).toThrow(ArgumentError);
    for (let budget = 2; budget < 60; budget++) {
      const text = randomText(constraint, RandomKey.fromSeed(budget), budget);
      expect(text.length).toBeLessThanOrEqual(budget);
      expect(() => JSON.parse(text.replaceAll("{", "[").replaceAll("}", "]"))).not.toThrow();
    }
  });

  it("bounds its memory, and goes on as before", () => {
    // The number of open brackets is part of the state, so this meets more states than are kept.
    const constraint = constrain(ebnfGrammar('root ::= "(" root ")" | "x"'), byteTokens);
    const matcher = constraint.matcher();
    for (let i = 0; i < 25_000; i++) matcher.accept(0x28);
    matcher.accept(0x78);
    for (let i = 0; i < 25_000; i++) {
      expect(matcher.complete).toBe(false);
      matcher.accept(0x29);
    }
    expect(matcher.complete).toBe(true);
    expect(() => matcher.accept(0x29)).toThrow(ArgumentError);
  });
});

describe("grammarStep", () => {
  it("lets a sampler draw only what is valid, and the end token only when complete", () => {
    const tokens = characterTokens("ab-0");
    const constraint = constrain(regexGrammar("[ab]+-0"), tokens);
    const logits = Float32Array.from({ length: 7 }, (_, id) => (id >= 4 ? 9 : id)); // the end and padding would win, then "0"
    for (let i = 0; i < 50; i++) {
      const matcher = constraint.matcher({ maxTokens: 12 });
      const sampler = new Sampler({ temperature: 1 }, [grammarStep(matcher)]);
      let text = "";
      for (let step = 0; !matcher.finished; step++) {
        const token = sampler.sample(logits, RandomKey.fromSeed(i).at(step));
        matcher.accept(token);
        text += "ab-0"[token] ?? "?";
      }
      expect(text).toMatch(/^[ab]+-0$/);
      expect(matcher.allows(4)).toBe(true);
      matcher.accept(4);
      expect([matcher.complete, matcher.finished, matcher.allowed()[0]]).toEqual([true, true, 0]);
    }
  });
});

describe("TokenTrie", () => {
  it("takes tokens of the same bytes, and never one without bytes or a special one", () => {
    const trie = new TokenTrie([
      Uint8Array.of(97),
      new Uint8Array(0),
      Uint8Array.of(97),
      undefined,
      Uint8Array.of(97, 97),
    ]);
    const matcher = new GrammarConstraint(regexGrammar("a{1,3}"), trie).matcher();
    expect(matcher.allowed()[0]).toBe(0b10101);
    matcher.accept(2);
    expect(matcher.allowed()[0]).toBe(0b10101);
    matcher.accept(4);
    expect([matcher.finished, matcher.allowed()[0]]).toEqual([true, 0]);
  });

  it("refuses an end token that is none", () => {
    expect(() => new TokenTrie([undefined], { endToken: 1 })).toThrow(ArgumentError);
    expect(() => new TokenTrie([Uint8Array.of(1)], { endToken: 0 })).toThrow("is a token of text");
  });
});
