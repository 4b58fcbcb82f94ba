/** Masks against brute force: a token may come next exactly if some more tokens make the text one that an independent judge accepts. */
import { describe, expect, it } from "vitest";
import { ebnfGrammar } from "./ebnf.js";
import { regexGrammar } from "./regex.js";
import { constrain } from "./vocabularies.test-helpers.js";

type Judge = (text: string) => boolean;

const encoder = new TextEncoder();

/** The least number of tokens that complete each text, up to a limit; tried out. */
function bruteForce(
  tokens: readonly Uint8Array[],
  judge: Judge,
  pruned: Judge,
): (text: string, limit: number) => number {
  const memo = new Map<string, number>();
  const least = (text: string, limit: number): number => {
    if (judge(valid(text))) return 0;
    if (limit <= 0 || !pruned(text)) return Number.POSITIVE_INFINITY;
    const key = `${limit} ${text}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const best = Math.min(...tokens.map((token) => 1 + least(text + latin(token), limit - 1)));
    memo.set(key, best);
    return best;
  };
  return least;
}

// Texts are strings of bytes here, since a token may end within a character; judges see them decoded.
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const valid = (text: string): string => Buffer.from(text, "latin1").toString("utf8");

/** Compares masks at every text that can be reached in so many tokens, without a budget and with each that suffices. */
function expectExact(
  constraint: ReturnType<typeof constrain>,
  tokens: readonly Uint8Array[],
  least: (text: string, limit: number) => number,
  { depth, horizon, budgets }: { depth: number; horizon: number; budgets: boolean },
): number {
  let compared = 0;
  expect(constraint.leastTokens).toBe(least("", horizon));
  const visit = (
    text: string,
    matchers: readonly (readonly [ReturnType<typeof constraint.matcher>, number])[],
    left: number,
  ): void => {
    for (const [matcher, remaining] of matchers) {
      const possible = Math.min(remaining, horizon);
      expect([text, matcher.complete]).toEqual([text, least(text, 0) === 0]);
      expect([text, matcher.allows(tokens.length)]).toEqual([text, matcher.complete]);
      const expected = tokens.map((token) => least(text + latin(token), possible - 1) <= possible - 1);
      const actual = tokens.map((_, id) => matcher.allows(id));
      expect([text, remaining, actual]).toEqual([text, remaining, expected]);
      expect(matcher.finished).toBe(!expected.includes(true));
      tokens.forEach((_, id) => {
        const tried = matcher.clone();
        if (expected[id]) tried.accept(id);
        else expect(() => tried.accept(id)).toThrow("not allowed here");
      });
      compared++;
    }
    if (left === 0) return;
    tokens.forEach((token, id) => {
      const next = matchers.flatMap(([matcher, remaining]) => {
        if (!matcher.allows(id)) return [];
        const moved = matcher.clone();
        moved.accept(id);
        return [[moved, remaining - 1] as const];
      });
      if (next.length > 0) visit(text + latin(token), next, left - 1);
    });
  };
  const limits = budgets
    ? Array.from({ length: horizon + 1 }, (_, n) => n).filter((n) => n >= constraint.leastTokens)
    : [];
  visit(
    "",
    [
      [constraint.matcher(), Number.POSITIVE_INFINITY],
      ...limits.map((n) => [constraint.matcher({ maxTokens: n }), n] as const),
    ],
    depth,
  );
  return compared;
}

const bytesOf = (...texts: string[]): Uint8Array[] => texts.map((text) => encoder.encode(text));

describe("masks of regular grammars", () => {
  const cases: [string, Uint8Array[]][] = [
    ["(ab)*c?", bytesOf("a", "b", "c", "ab", "bab", "abc")],
    ["a{2,4}b|a{3}c", bytesOf("a", "aa", "aaa", "b", "c", "ab")],
    // There is no token "b": whatever needs one is a dead end, and "a" only leads to "ca".
    ["a*b|a+c{1,2}a", bytesOf("a", "c", "ca", "aac", "x")],
    ["(a|ab)(c|bcd)(d*)", bytesOf("a", "b", "cd", "c", "d", "bc")],
    // é as one token, as its first byte, and not as its second: the first byte alone cannot be gone on from.
    ["[aé]+x", [...bytesOf("a", "é", "x", "éx"), Uint8Array.of(0xc3)]],
    [
      "[é-ü]{2}",
      [...bytesOf("é"), Uint8Array.of(0xc3), Uint8Array.of(0xa9), Uint8Array.of(0xbc, 0xc3), Uint8Array.of(0xbd)],
    ],
  ];

  it.each(cases)("of /%s/ are exact, with every budget", (source, tokens) => {
    const whole = new RegExp(`^(?:${source})$`, "u");
    const least = bruteForce(
      tokens,
      (text) => whole.test(text),
      () => true,
    );
    const compared = expectExact(constrain(regexGrammar(source), tokens), tokens, least, {
      depth: 4,
      horizon: 5,
      budgets: true,
    });
    expect(compared).toBeGreaterThan(10);
  });
});

describe("masks of recursive grammars", () => {
  const balanced: Judge = (text) => {
    const open: string[] = [];
    for (const sign of text) {
      if (sign === "(" || sign === "[") open.push(sign);
      else if (open.pop() !== (sign === ")" ? "(" : "[")) return false;
    }
    return open.length === 0;
  };

  it("are exact for brackets, by tokens that close and open several at once", () => {
    const tokens = bytesOf("(", ")", "[", "]", "()", ")]", "](", "[(");
    const grammar = ebnfGrammar('root ::= ("(" root ")" | "[" root "]")*');
    const mayGoOn: Judge = (text) => !/\((?:\(\)|\[\])*\]|\[(?:\(\)|\[\])*\)/.test(text);
    const least = bruteForce(tokens, balanced, mayGoOn);
    expectExact(constrain(grammar, tokens), tokens, least, { depth: 2, horizon: 5, budgets: false });
  });

  it("are exact for rules that begin with themselves, and ambiguous ones", () => {
    const tokens = bytesOf("a", "+", "a+", "+a", "(", ")", "a)", "(a");
    // Judged by JavaScript's own parser, with a = 1.
    const judge: Judge = (text) => {
      if (!/^[a+()]+$/.test(text) || /\+\+|\(\+|^\+/.test(text)) return false;
      try {
        return typeof new Function("a", `return ${text}`)(1) === "number" && !/a\(|\)\(/.test(text);
      } catch {
        return false;
      }
    };
    const least = bruteForce(tokens, judge, () => true);
    for (const text of [
      'root ::= root "+" term | term\nterm ::= "a" | "(" root ")"',
      'root ::= root "+" root | "a" | "(" root ")"',
      'root ::= sum\nsum ::= pair | "a" | "(" sum ")"\npair ::= sum "+" sum',
      'root ::= none root none "+" root | "a" | "(" root ")" none\nnone ::= "" | none none',
    ]) {
      expectExact(constrain(ebnfGrammar(text), tokens), tokens, least, { depth: 2, horizon: 4, budgets: false });
    }
  });

  it("never promise more than can be kept", () => {
    // A budget may forbid what would still do (tokens across brackets are not counted on), but never the other way round.
    const tokens = bytesOf("(", ")", "()", "))", ")(");
    const constraint = constrain(ebnfGrammar('root ::= "(" root* ")"'), tokens);
    const least = bruteForce(
      tokens,
      (text) => text.startsWith("(") && balanced(text),
      () => true,
    );
    for (let budget = constraint.leastTokens; budget <= 6; budget++) {
      const visit = (text: string, matcher: ReturnType<typeof constraint.matcher>, left: number): void => {
        const allowed = tokens.map((_, id) => id).filter((id) => matcher.allows(id));
        expect(matcher.complete || allowed.length > 0).toBe(true);
        if (left === 0) expect(matcher.complete).toBe(true);
        for (const id of allowed) {
          const next = matcher.clone();
          next.accept(id);
          visit(text + latin(tokens[id]!), next, left - 1);
        }
      };
      visit("", constraint.matcher({ maxTokens: budget }), budget);
    }
    expect(least("", 2)).toBe(constraint.leastTokens);
  });
});
