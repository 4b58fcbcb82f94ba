/**
 * Grammars in EBNF, in the dialect of llama.cpp's GBNF, which is that of the XML recommendation (W3C, section 6) with escapes:
 *
 *     # A comment to the end of the line.           root is where a text begins.
 *     root   ::= "{" pair ("," pair)* "}"
 *     pair   ::= name ":" [0-9]{1,3}
 *     name   ::= [a-zA-Z_] [^":{},\n]*  |  'x' #x41 .?
 *
 * - A rule is `name ::= expression`. It ends where the next one begins. Names have letters, digits, `_` and `-`.
 * - `"text"` and `'text'` stand for themselves; `[a-z_]` for one character of a set, `[^...]` for one that is not in it; `.` for any
 *   character; `#x20` for the character of that code. Escapes in texts and sets: `\n \r \t \\ \" \' \] \[ \- \^`, `\xHH`, `\uHHHH`,
 *   `\u{H...}`.
 * - Items one after another are a sequence, `|` separates alternatives, `( )` group; `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}` repeat the
 *   item before. An empty alternative matches the empty text.
 * - White space and line breaks only separate. Comments are `# ...` to the end of the line (`#x` and hexadecimal digits are a
 *   character instead) and `/* ... *` + `/`.
 *
 * Rules may be recursive, and begin with themselves (`list ::= list "," item | item`).
 */
import { nearest } from "@atelier/engine/nearest";
import { anyCharacter, codePoints } from "./code-points.js";
import { EbnfScanner } from "./ebnf-scanner.js";
import type { GrammarSyntaxError } from "./errors.js";
import { character, choice, type Expression, literal, repeat, rule, sequence } from "./expression.js";
import { Grammar } from "./grammar.js";

export interface EbnfOptions {
  /** The rule that a whole text has to meet; "root" by default. */
  readonly root?: string | undefined;
}

/**
 * @throws GrammarSyntaxError for a text that cannot be read, a rule that is used and not there, or there twice, with line and column
 * @throws UnsatisfiableGrammarError if no text meets the grammar, or rules begin with themselves through one another
 */
export function ebnfGrammar(text: string, { root = "root" }: EbnfOptions = {}): Grammar {
  return new Grammar(new EbnfParser(text).rules(root), root);
}

class EbnfParser {
  private readonly scanner: EbnfScanner;
  private readonly uses = new Map<string, number>();

  constructor(text: string) {
    this.scanner = new EbnfScanner(text);
  }

  rules(root: string): Map<string, Expression> {
    const { scanner } = this;
    const rules = new Map<string, Expression>();
    for (scanner.skipBlank(); !scanner.ended; scanner.skipBlank()) {
      const start = scanner.offset;
      const name = scanner.ruleStart();
      if (name === undefined) throw scanner.error("expected a rule, name ::= expression", start);
      if (rules.has(name)) throw scanner.error(`the rule '${name}' is there twice`, start);
      rules.set(name, this.choice());
      if (!scanner.ended && !scanner.atRuleStart()) {
        throw scanner.error(`'${scanner.peek()}' does not fit here`, scanner.offset);
      }
    }
    const missing = [...this.uses].find(([name]) => !rules.has(name));
    if (missing !== undefined) throw this.undefinedRule(missing[0], missing[1], rules.keys());
    if (!rules.has(root)) throw this.undefinedRule(root, 0, rules.keys());
    return rules;
  }

  private undefinedRule(name: string, offset: number, names: Iterable<string>): GrammarSyntaxError {
    const near = nearest(name, names);
    const hint = near === undefined ? undefined : `Did you mean '${near}'?`;
    return this.scanner.error(`there is no rule '${name}'`, offset, hint);
  }

  private choice(): Expression {
    const options = [this.sequence()];
    while (this.scanner.take("|")) options.push(this.sequence());
    return choice(...options);
  }

  private sequence(): Expression {
    const parts: Expression[] = [];
    for (;;) {
      this.scanner.skipBlank();
      if (this.scanner.ended || "|)".includes(this.scanner.peek()) || this.scanner.atRuleStart()) break;
      parts.push(this.repeated());
    }
    return sequence(...parts);
  }

  private repeated(): Expression {
    const { scanner } = this;
    let item = this.item();
    for (;;) {
      scanner.skipBlank();
      if (scanner.take("*")) item = repeat(item, 0);
      else if (scanner.take("+")) item = repeat(item, 1);
      else if (scanner.take("?")) item = repeat(item, 0, 1);
      else if (scanner.peek() === "{") item = repeat(item, ...scanner.counts());
      else return item;
    }
  }

  private item(): Expression {
    const { scanner } = this;
    const start = scanner.offset;
    const next = scanner.peek();
    if (next === '"' || next === "'") return literal(scanner.quoted());
    if (next === "[") return character(scanner.set());
    if (next === "#") return character(codePoints([scanner.characterCode()]));
    if (scanner.take(".")) return character(anyCharacter);
    if (scanner.take("(")) {
      const inner = this.choice();
      if (!scanner.take(")")) throw scanner.error("this '(' is not closed", start);
      return inner;
    }
    const name = scanner.name();
    if (name === undefined) throw scanner.error(`'${next}' does not fit here`, start);
    if (!this.uses.has(name)) this.uses.set(name, start);
    return rule(name);
  }
}
