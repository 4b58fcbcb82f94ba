import { describe, expect, it } from "vitest";
import { ebnfGrammar } from "./ebnf.js";
import { GrammarSyntaxError, UnsatisfiableGrammarError } from "./errors.js";
import { byteTokens, constrain, reads } from "./vocabularies.test-helpers.js";

const language = (text: string, root?: string) => {
  const constraint = constrain(ebnfGrammar(text, { root }), byteTokens);
  return (input: string): boolean => reads(constraint, input);
};

describe("ebnfGrammar", () => {
  it("reads the whole dialect", () => {
    const inside = language(`
      # A comment, then one of the other kind /* that is not one here
      root ::= "{" pair ("," pair)* "}" /* a
        comment */ | ""
      pair ::= name ':' [0-9]{1,3} # until the end
             | name #x3d .?
      name ::= [a-zA-Z_] [^":{},=\\]\\n\\u{1F600}-\\u{1F64F}]{0,2} | "\\x41\\u00e9\\"\\\\"
    `);
    for (const text of ["", "{a:1}", "{ab:12,_=x,_=}", "{é]:1}", '{Aé"\\:123}', "{a=😀}", "{ab😊:1}"]) {
      expect([text, inside(text)]).toEqual([text, !["{é]:1}", "{ab😊:1}"].includes(text)]);
    }
    for (const text of ["{}", "{a:1234}", "{a:1", "{a:}", "{abcd:1}", "{a:1,}"])
      expect([text, inside(text)]).toEqual([text, false]);
  });

  it("counts as it is told", () => {
    const cases: [string, number[]][] = [
      ["*", [0, 1, 2, 3, 4, 5]],
      ["+", [1, 2, 3, 4, 5]],
      ["?", [0, 1]],
      ["{2}", [2]],
      ["{3,}", [3, 4, 5]],
      ["{ 1 , 3 }", [1, 2, 3]],
      ["{0}", [0]],
    ];
    for (const [count, lengths] of cases) {
      const inside = language(`root ::= "a"${count}`);
      expect([count, [0, 1, 2, 3, 4, 5].filter((n) => inside("a".repeat(n)))]).toEqual([count, lengths]);
    }
  });

  it("reads recursion of every kind", () => {
    const same = language('start ::= "a" start "b" | ""', "start");
    for (let a = 0; a < 5; a++) for (let b = 0; b < 5; b++) expect(same("a".repeat(a) + "b".repeat(b))).toBe(a === b);
    const list = language('root ::= root "," item | item\nitem ::= [0-9]+');
    for (const [text, yes] of [
      ["1", true],
      ["1,22,3", true],
      ["", false],
      ["1,", false],
      [",1", false],
    ] as const)
      expect(list(text)).toBe(yes);
    const palindrome = language('root ::= "a" root "a" | "b" root "b" | [ab]?');
    for (let n = 0; n < 128; n++) {
      const text = n.toString(2).replaceAll("0", "a").replaceAll("1", "b");
      expect(palindrome(text)).toBe(text === [...text].reverse().join(""));
    }
    // Deep recursion at the end of a rule needs no stack.
    expect(language('root ::= "a" root | "b"')(`${"a".repeat(20_000)}b`)).toBe(true);
  });

  it("says what is wrong, with line and column", () => {
    const cases: [string, string][] = [
      ['root ::= "a"\nother = "b"', "line 2, column 7: '=' does not fit here"],
      ['root ::= value\nvalues ::= "b"', "line 1, column 10: there is no rule 'value'"],
      ['root ::= "a', "line 1, column 10: this text is not closed"],
      ["root ::= [a-", "line 1, column 10: this set of characters is not closed"],
      ['root ::=\n  ("a" | "b"', "line 2, column 3: this '(' is not closed"],
      ["root ::= [z-a]", "line 1, column 11: the range 'z-a' runs backwards"],
      ['root ::= "a"{3,2}', "line 1, column 13: the count '{3,2}' runs backwards"],
      ['root ::= "a"{,2}', "line 1, column 13: expected a count"],
      ['root ::= "\\q"', "line 1, column 11: '\\q' is no escape"],
      ['root ::= "\\ud800"', "line 1, column 11: U+D800 is no character"],
      ['root ::= "a"\nroot ::= "b"', "line 2, column 1: the rule 'root' is there twice"],
      ['root ::= "a" )', "line 1, column 14: ')' does not fit here"],
      ['roots ::= "a"', "there is no rule 'root'"],
      ["/* open", "line 1, column 1: this comment is not closed"],
    ];
    for (const [text, message] of cases) {
      expect(() => ebnfGrammar(text), text).toThrow(GrammarSyntaxError);
      expect(() => ebnfGrammar(text), text).toThrow(message);
    }
    expect(() => ebnfGrammar('root ::= value\nvalues ::= "b"')).toThrow(
      expect.objectContaining({ hint: "Did you mean 'values'?" }),
    );
  });

  it("refuses rules that never end, and names them", () => {
    expect(() => ebnfGrammar('root ::= "a" loop\nloop ::= "b" loop')).toThrow(UnsatisfiableGrammarError);
    expect(() => ebnfGrammar('root ::= "a" loop\nloop ::= "b" loop')).toThrow("nothing can be written for 'loop'");
    expect(() => ebnfGrammar("root ::= root")).toThrow(UnsatisfiableGrammarError);
  });
});
