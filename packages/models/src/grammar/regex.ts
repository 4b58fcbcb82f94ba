/**
 * Regular expressions, in JavaScript's syntax (ECMAScript 2025 with the flag `u`, read by regexpp). What cannot be said of a language of
 * whole texts, or not by an automaton, is refused with its place: lookaround, back references, word boundaries, anchors in the
 * middle, the flags `i` and `m`, and set operations of the flag `v`. Lazy quantifiers mean the same language as greedy ones.
 */
import { type AST, RegExpParser, RegExpSyntaxError } from "@eslint-community/regexpp";
import {
  anyCharacter,
  type CodePoints,
  charactersOf,
  charactersWhere,
  codePoints,
  complement,
  subtract,
  union,
} from "./code-points.js";
import { GrammarSyntaxError } from "./errors.js";
import { character, choice, type Expression, repeat, sequence } from "./expression.js";
import { Grammar } from "./grammar.js";

/**
 * The texts that the pattern matches as a whole, as if it stood between `^` and `$`; anchors at its ends may be left out or written.
 *
 * @param pattern a source, read with the flag `u`, or an expression with its own flags
 * @throws GrammarSyntaxError for a pattern that cannot be read or uses what is not supported, with its place
 * @throws UnsatisfiableGrammarError if nothing matches
 */
export function regexGrammar(pattern: string | RegExp): Grammar {
  return new Grammar(new Map([["pattern", regexExpression(pattern, "whole")]]), "pattern");
}

/** @param extent `whole`: all of the text has to match; `search`: some part of it, as with `RegExp.test` */
export function regexExpression(pattern: string | RegExp, extent: "whole" | "search"): Expression {
  const { source, flags } = typeof pattern === "string" ? { source: pattern, flags: "u" } : pattern;
  const refused = ["i", "m", "v"].find((flag) => flags.includes(flag));
  if (refused !== undefined) {
    throw new GrammarSyntaxError(`The flag '${refused}' of ${`/${source}/${flags}`} is not supported`, 0, {
      hint: "Write it out in the pattern itself, for example [Aa] for the flag i.",
    });
  }
  return new Reader(source, flags, extent).read();
}

const wordCharacters = codePoints([...charactersOf("_"), [0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]]);
const digits = codePoints([[0x30, 0x39]]);
const lineEnds = charactersOf("\n\r\u2028\u2029");
/** WhiteSpace and LineTerminator of ECMAScript. */
const spaces = union(
  charactersOf("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"),
  codePoints([[0x2000, 0x200a]]),
);
const properties = new Map<string, CodePoints>();

class Reader {
  private readonly source: string;
  private readonly dotAll: boolean;
  private readonly unicode: boolean;
  private readonly extent: "whole" | "search";

  constructor(source: string, flags: string, extent: "whole" | "search") {
    this.source = source;
    this.dotAll = flags.includes("s");
    this.unicode = flags.includes("u");
    this.extent = extent;
  }

  read(): Expression {
    let pattern: AST.Pattern;
    try {
      pattern = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(this.source, undefined, undefined, {
        unicode: this.unicode,
        unicodeSets: false,
      });
    } catch (error) {
      if (!(error instanceof RegExpSyntaxError)) throw error;
      const reason = error.message.replace(/^Invalid regular expression: .*\/[a-z]*: /su, "");
      throw this.error(
        reason,
        error.index,
        "Mend the pattern; it is read as JavaScript reads it with the flag u.",
        error,
      );
    }
    return choice(...pattern.alternatives.map((alternative) => this.outermost(alternative)));
  }

  /** An alternative of the whole pattern: the only place where anchors can stand. */
  private outermost({ elements }: AST.Alternative): Expression {
    const anchored = (element: AST.Element | undefined, kind: "start" | "end"): boolean =>
      element?.type === "Assertion" && element.kind === kind;
    const start = anchored(elements[0], "start");
    const end = elements.length > (start ? 1 : 0) && anchored(elements.at(-1), "end");
    const inner = elements.slice(start ? 1 : 0, end ? -1 : undefined).map((element) => this.element(element));
    const rest = (isAnchored: boolean): Expression[] =>
      this.extent === "whole" || isAnchored ? [] : [repeat(character(anyCharacter), 0)];
    return sequence(...rest(start), ...inner, ...rest(end));
  }

  private alternatives(alternatives: readonly AST.Alternative[]): Expression {
    return choice(...alternatives.map(({ elements }) => sequence(...elements.map((element) => this.element(element)))));
  }

  private element(element: AST.Element): Expression {
    switch (element.type) {
      case "Character":
      case "CharacterSet":
      case "CharacterClass":
        return character(this.characters(element));
      case "Group":
        if (element.modifiers !== null) throw this.unsupported("a group with flags of its own", element);
        return this.alternatives(element.alternatives);
      case "CapturingGroup":
        return this.alternatives(element.alternatives);
      case "Quantifier":
        if (element.element.type === "Assertion") throw this.unsupported("lookaround", element);
        return repeat(this.element(element.element), element.min, element.max);
      case "Backreference":
        throw this.unsupported("a back reference", element);
      case "Assertion":
        if (element.kind === "word") throw this.unsupported("a word boundary", element);
        if (element.kind === "start" || element.kind === "end") {
          throw this.unsupported("an anchor that is not at the end of an outermost alternative", element);
        }
        throw this.unsupported("lookaround", element);
      case "ExpressionCharacterClass":
        throw this.unsupported("a set operation", element);
    }
  }

  private characters(
    element: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.CharacterClassElement,
  ): CodePoints {
    switch (element.type) {
      case "Character":
        return codePoints([[element.value, element.value]]);
      case "CharacterClassRange":
        return codePoints([[element.min.value, element.max.value]]);
      case "CharacterClass": {
        const set = union(...element.elements.map((inner) => this.characters(inner)));
        return element.negate ? complement(set) : set;
      }
      case "CharacterSet":
        return this.characterSet(element);
      default:
        throw this.unsupported("a set operation", element);
    }
  }

  private characterSet(set: AST.CharacterSet): CodePoints {
    switch (set.kind) {
      case "any":
        return this.dotAll ? anyCharacter : subtract(anyCharacter, lineEnds);
      case "digit":
        return set.negate ? complement(digits) : digits;
      case "space":
        return set.negate ? complement(spaces) : spaces;
      case "word":
        return set.negate ? complement(wordCharacters) : wordCharacters;
      case "property": {
        let known = properties.get(set.raw);
        if (known === undefined) {
          const test = new RegExp(`^${set.raw}$`, "u");
          known = charactersWhere((letter) => test.test(letter));
          properties.set(set.raw, known);
        }
        return known;
      }
    }
  }

  private unsupported(
    what: string,
    { start, raw }: { readonly start: number; readonly raw: string },
  ): GrammarSyntaxError {
    return this.error(
      `'${raw}' is ${what}, which is not supported`,
      start,
      "A grammar describes whole texts: say what they consist of, without looking around.",
    );
  }

  private error(reason: string, offset: number, hint: string, cause?: unknown): GrammarSyntaxError {
    return new GrammarSyntaxError(`In the pattern /${this.source}/ at ${offset}: ${reason}`, offset, { hint, cause });
  }
}
