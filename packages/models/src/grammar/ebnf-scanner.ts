/** The words of an EBNF text, and where they stand. */
import { type CodePoints, codePoints, complement } from "./code-points.js";
import { GrammarSyntaxError } from "./errors.js";

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

export class EbnfScanner {
  private readonly text: string;
  offset = 0;

  constructor(text: string) {
    this.text = text;
  }

  get ended(): boolean {
    return this.offset >= this.text.length;
  }

  peek(): string {
    return this.text.slice(this.offset, this.offset + 1);
  }

  /** Takes `word` if it comes next, after blanks. */
  take(word: string): boolean {
    this.skipBlank();
    if (!this.text.startsWith(word, this.offset)) return false;
    this.offset += word.length;
    return true;
  }

  skipBlank(): void {
    this.match(/(?:\s+|#(?!x[0-9a-fA-F])[^\n]*|\/\*[\s\S]*?\*\/)*/y);
    if (this.text.startsWith("/*", this.offset)) throw this.error("this comment is not closed", this.offset);
  }

  name(): string | undefined {
    return this.match(/[A-Za-z_][A-Za-z0-9_-]*/y);
  }

  atRuleStart(): boolean {
    const start = this.offset;
    const found = this.ruleStart() !== undefined;
    this.offset = start;
    return found;
  }

  /** The name of `name ::=`, or undefined. */
  ruleStart(): string | undefined {
    const name = this.name();
    return name !== undefined && this.take("::=") ? name : undefined;
  }

  /** A text between quotes. */
  quoted(): string {
    const start = this.offset;
    const quote = this.character();
    let content = "";
    while (this.peek() !== quote) {
      if (this.ended || this.peek() === "\n") throw this.error("this text is not closed", start);
      content += this.character();
    }
    this.offset++;
    return content;
  }

  /** `[a-z_]` or `[^...]`. */
  set(): CodePoints {
    const start = this.offset++;
    const negated = this.peek() === "^";
    if (negated) this.offset++;
    const ranges: [number, number][] = [];
    const point = (): number => {
      if (this.ended || this.peek() === "\n") throw this.error("this set of characters is not closed", start);
      return this.character().codePointAt(0)!;
    };
    while (this.peek() !== "]") {
      const from = this.offset;
      const first = point();
      let last = first;
      if (this.peek() === "-" && this.text[this.offset + 1] !== "]") {
        this.offset++;
        last = point();
      }
      if (last < first) throw this.error(`the range '${this.text.slice(from, this.offset)}' runs backwards`, from);
      ranges.push([first, last]);
    }
    this.offset++;
    const found = codePoints(ranges);
    return negated ? complement(found) : found;
  }

  /** `#x41` as a range of one. */
  characterCode(): [number, number] {
    const start = this.offset;
    const digits = this.match(/#x[0-9a-fA-F]+/y)!; // a '#' without them is a comment
    const code = this.scalar(digits.slice(2), start);
    return [code, code];
  }

  /** `{n}`, `{n,}` or `{n,m}`. */
  counts(): [number, number] {
    const start = this.offset;
    const found = this.match(/\{\s*\d+\s*(?:,\s*\d*\s*)?\}/y);
    if (found === undefined) throw this.error("expected a count, {n}, {n,} or {n,m}", start);
    const [low, high] = found.slice(1, -1).split(",");
    const min = Number(low);
    const max = high === undefined ? min : high.trim() === "" ? Number.POSITIVE_INFINITY : Number(high);
    if (max < min) throw this.error(`the count '${found}' runs backwards`, start);
    return [min, max];
  }

  /** One character, or the one that an escape stands for. */
  private character(): string {
    const start = this.offset;
    if (this.peek() !== "\\") {
      const letter = String.fromCodePoint(this.text.codePointAt(start)!);
      this.offset += letter.length;
      return letter;
    }
    const digits = this.match(/\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]+\})/y);
    if (digits !== undefined) return String.fromCodePoint(this.scalar(digits.replace(/[\\xu{}]/g, ""), start));
    const letter = this.text[start + 1] ?? "";
    this.offset += 2;
    if (letter !== "" && "\\\"'[]-^".includes(letter)) return letter;
    const known = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (known === undefined) throw this.error(`'\\${letter}' is no escape`, start);
    return known;
  }

  private scalar(hexadecimal: string, start: number): number {
    const code = Number.parseInt(hexadecimal, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw this.error(`U+${hexadecimal.toUpperCase()} is no character`, start);
    }
    return code;
  }

  private match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.offset;
    const found = sticky.exec(this.text)?.[0];
    this.offset += found?.length ?? 0;
    return found;
  }

  /** The error that something at `offset` is wrong, with line and column from 1. */
  error(reason: string, offset: number, hint?: string): GrammarSyntaxError {
    const before = this.text.slice(0, offset).split("\n");
    const where = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
    return new GrammarSyntaxError(`In the grammar at ${where}: ${reason}`, offset, {
      hint: hint ?? 'A rule looks like: root ::= "yes" | "no" | [0-9]+',
    });
  }
}
