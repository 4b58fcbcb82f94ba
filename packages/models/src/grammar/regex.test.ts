import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GrammarSyntaxError, UnsatisfiableGrammarError } from "./errors.js";
import { regexGrammar } from "./regex.js";
import { byteTokens, constrain, randomText, reads } from "./vocabularies.test-helpers.js";

const key = RandomKey.fromSeed(5);

/** Both ways: what JavaScript matches as a whole is read, what is written JavaScript matches. */
function expectSameLanguage(source: string, texts: readonly string[], flags = "u"): void {
  const whole = new RegExp(`^(?:${source})$`, flags);
  const constraint = constrain(regexGrammar(flags === "u" ? source : new RegExp(source, flags)), byteTokens);
  for (const text of texts) expect([source, text, reads(constraint, text)]).toEqual([source, text, whole.test(text)]);
  // Short ones: JavaScript's own engine backtracks, exponentially with nested repetitions.
  for (let i = 0; i < 5; i++) {
    const text = randomText(constraint, key.at(i), constraint.leastTokens + 8);
    expect([source, text, whole.test(text)]).toEqual([source, text, true]);
  }
}

describe("regexGrammar", () => {
  // Patterns out of few letters, so that random texts of the same letters often match.
  const { pattern } = fc.letrec<{ pattern: string; item: string }>((tie) => ({
    pattern: fc
      .array(fc.array(tie("item"), { maxLength: 4 }), { minLength: 1, maxLength: 3 })
      .map((options) => options.map((items) => items.join("")).join("|")),
    item: fc.oneof(
      { maxDepth: 1, withCrossShrink: true },
      fc.constantFrom("a", "b", "é", "😀", ".", "[ab]", "[^a]", "\\w", "\\W", "\\x61", "\\u{e9}", "[a-😀]"),
      fc
        .tuple(tie("pattern"), fc.constantFrom("", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "{1,3}?"))
        .map(([inner, count]) => `(?:${inner})${count}`),
    ),
  }));

  it("is the language of JavaScript's regular expressions", () => {
    const texts = fc.array(
      fc.array(fc.constantFrom("a", "b", "é", "😀", "\n", "Z"), { maxLength: 6 }).map((letters) => letters.join("")),
      { minLength: 20, maxLength: 20 },
    );
    fc.assert(
      fc.property(pattern, texts, (source, tried) => expectSameLanguage(source, tried)),
      { numRuns: 100, seed: 3 },
    );
  });

  it("knows classes, escapes, anchors at the ends and the flag s", () => {
    const letters = ["", "a", "7", "_", "-", " ", "\n", "\u2028", "\u00a0", "é", "ß", "٣", "😀", "\0", "\u200b"];
    for (const source of [
      "\\d",
      "\\D",
      "\\s",
      "\\S",
      "\\w",
      "\\W",
      ".",
      "[\\d\\s]",
      "[^\\w]",
      "\\p{Nd}",
      "\\P{L}",
      "^.$",
      "^a|é$",
      "\\cA",
    ]) {
      expectSameLanguage(source, letters);
    }
    expectSameLanguage(".", letters, "su");
    expectSameLanguage("(?<year>\\d{4})-(\\d\\d)", ["2024-10", "2024-1", "24-10"]);
  });

  it("keeps to the counts of large repetitions", () => {
    const constraint = constrain(regexGrammar("(?:[a-y]|z{2}){700,2000}"), byteTokens);
    expect(constraint.leastTokens).toBe(700);
    for (const [count, matches] of [
      [699, false],
      [700, true],
      [2000, true],
      [2001, false],
    ] as const) {
      expect(reads(constraint, "a".repeat(count))).toBe(matches);
    }
    expect(reads(constraint, "zz".repeat(2000))).toBe(true);
    expect(reads(constraint, "z".repeat(1401))).toBe(false);
  });

  it("refuses what no automaton can do, and says where", () => {
    const cases: [string | RegExp, number, string][] = [
      ["ab(?=c)", 2, "'(?=c)' is lookaround"],
      ["(?<!x)y", 0, "'(?<!x)' is lookaround"],
      ["(a)b\\1", 4, "'\\1' is a back reference"],
      ["a\\b", 1, "'\\b' is a word boundary"],
      ["a(^b)", 2, "'^' is an anchor that is not at the end"],
      ["a$b", 1, "'$' is an anchor that is not at the end"],
      ["a(b", 3, "Unterminated group"],
      ["a{3,2}", 6, "numbers out of order in {} quantifier"],
      [/abc/i, 0, "The flag 'i'"],
    ];
    for (const [pattern, offset, message] of cases) {
      let error: unknown;
      try {
        regexGrammar(pattern);
      } catch (caught) {
        error = caught;
      }
      expect(error, String(pattern)).toBeInstanceOf(GrammarSyntaxError);
      expect(error).toMatchObject({ code: "BAD_GRAMMAR", offset, message: expect.stringContaining(message) });
    }
  });

  it("refuses a pattern that nothing matches", () => {
    for (const source of ["[]", "a[]b", "[^\\s\\S]+"]) {
      expect(() => regexGrammar(source)).toThrow(UnsatisfiableGrammarError);
    }
  });
});
