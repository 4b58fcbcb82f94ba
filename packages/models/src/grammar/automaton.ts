/**
 * Rules as a recursive transition network over bytes (Woods 1970): for each rule that stays a rule, a nondeterministic automaton
 * whose edges read a byte or call a rule. Repetitions, alternatives and rules that are written out become plain edges (Thompson 1968).
 *
 * Three rewritings keep the language and spare the machine that runs it (`machine.ts`) special cases: a call of a rule that may be
 * empty can be passed over; a rule that begins with itself, A = A x | y, becomes A = y x*; and a call that nothing follows becomes a
 * jump, so that repetition written as recursion needs no stack.
 */
import { ArgumentError } from "@atelier/engine/errors";
import { UnsatisfiableGrammarError } from "./errors.js";
import type { Expression, Rules } from "./expression.js";
import { type Inlining, planInlining } from "./inlining.js";
import { type ByteRanges, utf8Ranges } from "./utf8-ranges.js";

export interface ByteEdge {
  readonly low: number;
  readonly high: number;
  readonly target: number;
}

export interface Call {
  /** Index into `rules`. */
  readonly rule: number;
  /** Where it goes on afterwards. */
  readonly target: number;
}

export interface AutomatonRule {
  readonly name: string;
  start: number;
  readonly end: number;
}

const mostPositions = 1 << 20;

export class Automaton {
  readonly edges: ByteEdge[][] = [];
  readonly calls: Call[][] = [];
  readonly epsilons: number[][] = [];
  /** Whether a rule may end here. */
  readonly ends: boolean[] = [];
  /** The root first. */
  readonly rules: AutomatonRule[] = [];
  /** For each byte its class: bytes of a class lead to the same places from everywhere. */
  readonly byteClass = new Uint8Array(256);
  /** A byte of each class. */
  readonly classByte: number[] = [];
  private readonly closures: (Int32Array | undefined)[] = [];

  /**
   * @throws UnsatisfiableGrammarError for rules that begin with themselves through one another in a way that cannot be rewritten
   * @throws ArgumentError for a grammar of more than a million positions
   */
  constructor(rules: Rules, root: string) {
    const builder = new Builder(this, rules, planInlining(rules, root));
    builder.build(root);
    this.passOverNullable();
    this.rules.forEach((_, rule) => {
      this.removeLeftRecursion(rule);
    });
    this.refuseLeftRecursion();
    this.jumpInsteadOfLastCalls();
    this.classifyBytes();
  }

  get size(): number {
    return this.edges.length;
  }

  add(): number {
    if (this.size >= mostPositions) {
      throw new ArgumentError(`The grammar needs more than ${mostPositions} positions`, {
        hint: "Use smaller counts in repetitions, lengths and numbers of items.",
      });
    }
    this.edges.push([]);
    this.calls.push([]);
    this.epsilons.push([]);
    this.ends.push(false);
    return this.size - 1;
  }

  /** The positions that can be reached without reading, itself included, as far as something can be done there; ascending. */
  closure(position: number): Int32Array {
    const known = this.closures[position];
    if (known !== undefined) return known;
    const useful = this.reach(position).filter(
      (p) => this.ends[p]! || this.edges[p]!.length > 0 || this.calls[p]!.length > 0,
    );
    const closure = Int32Array.from(useful).sort();
    this.closures[position] = closure;
    return closure;
  }

  private reach(position: number): number[] {
    const seen = new Set([position]);
    for (const p of seen) for (const target of this.epsilons[p]!) seen.add(target); // a set visits what is added meanwhile
    return [...seen];
  }

  private passOverNullable(): void {
    const waiting = new Map<number, [number, Call][]>();
    this.calls.forEach((calls, position) => {
      for (const call of calls) {
        const list = waiting.get(call.rule);
        if (list === undefined) waiting.set(call.rule, [[position, call]]);
        else list.push([position, call]);
      }
    });
    for (let changed = true; changed; ) {
      changed = false;
      for (const [index, calls] of waiting) {
        const { start, end } = this.rules[index]!;
        if (!this.reach(start).includes(end)) continue;
        for (const [position, call] of calls) this.epsilons[position]!.push(call.target);
        waiting.delete(index);
        changed = true;
      }
    }
  }

  /** A = A x | y as y x*: its start loses the calls of A, and from its end it may go on where those calls would have. */
  private removeLeftRecursion(index: number): void {
    const rule = this.rules[index]!;
    const after = new Set<number>();
    for (;;) {
      const before = after.size;
      for (const p of this.reach(rule.start)) {
        for (const call of this.calls[p]!) if (call.rule === index) after.add(call.target);
      }
      for (const target of after) {
        if (!this.epsilons[rule.end]!.includes(target)) this.epsilons[rule.end]!.push(target);
      }
      if (after.size === before) break;
    }
    if (after.size === 0) return;
    const start = this.add();
    for (const p of this.reach(rule.start)) {
      this.edges[start]!.push(...this.edges[p]!);
      this.calls[start]!.push(...this.calls[p]!.filter((call) => call.rule !== index));
      if (this.ends[p]!) this.ends[start] = true;
    }
    rule.start = start;
  }

  private refuseLeftRecursion(): void {
    const first = this.rules.map(
      ({ start }) => new Set(this.reach(start).flatMap((p) => this.calls[p]!.map((call) => call.rule))),
    );
    const done = new Set<number>();
    const path: number[] = [];
    const visit = (index: number): void => {
      const at = path.indexOf(index);
      if (at >= 0) {
        const circle = [...path.slice(at), index].map((i) => `'${this.rules[i]!.name}'`).join(" → ");
        throw new UnsatisfiableGrammarError(`Rules begin with themselves through one another: ${circle}`, {
          hint: "A rule may begin with itself directly. Write one of these out where the other uses it.",
        });
      }
      if (done.has(index)) return;
      path.push(index);
      for (const next of first[index]!) visit(next);
      path.pop();
      done.add(index);
    };
    this.rules.forEach((_, index) => {
      visit(index);
    });
  }

  private jumpInsteadOfLastCalls(): void {
    for (let position = 0; position < this.size; position++) {
      const staying: Call[] = [];
      for (const call of this.calls[position]!) {
        const rest = this.reach(call.target);
        const last =
          rest.some((p) => this.ends[p]) && rest.every((p) => this.edges[p]!.length + this.calls[p]!.length === 0);
        if (last) this.epsilons[position]!.push(this.rules[call.rule]!.start);
        else staying.push(call);
      }
      this.calls[position] = staying;
    }
  }

  private classifyBytes(): void {
    const starts = new Uint8Array(257);
    for (const edges of this.edges) {
      for (const { low, high } of edges) {
        starts[low] = 1;
        starts[high + 1] = 1;
      }
    }
    for (let byte = 0; byte < 256; byte++) {
      if (byte === 0 || starts[byte] === 1) this.classByte.push(byte);
      this.byteClass[byte] = this.classByte.length - 1;
    }
  }
}

/** Writes expressions into an automaton. Each `write...` starts at a position and gives back the one where what was written ends. */
class Builder {
  private readonly automaton: Automaton;
  private readonly rules: Rules;
  private readonly inlining: Inlining;
  private readonly indices = new Map<string | Expression, number>();
  private readonly pending: { readonly rule: AutomatonRule; readonly expression: Expression }[] = [];

  constructor(automaton: Automaton, rules: Rules, inlining: Inlining) {
    this.automaton = automaton;
    this.rules = rules;
    this.inlining = inlining;
  }

  build(root: string): void {
    this.ruleIndex(root, root, this.rules.get(root)!);
    for (let next = this.pending.shift(); next !== undefined; next = this.pending.shift()) {
      this.connect(this.write(next.expression, next.rule.start), next.rule.end);
    }
  }

  private ruleIndex(key: string | Expression, name: string, expression: Expression): number {
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    const { automaton } = this;
    const rule = { name, start: automaton.add(), end: automaton.add() };
    automaton.ends[rule.end] = true;
    automaton.rules.push(rule);
    this.indices.set(key, automaton.rules.length - 1);
    this.pending.push({ rule, expression });
    return automaton.rules.length - 1;
  }

  private connect(from: number, to: number): void {
    this.automaton.epsilons[from]!.push(to);
  }

  private after(from: number): number {
    const position = this.automaton.add();
    this.connect(from, position);
    return position;
  }

  private write(expression: Expression, from: number): number {
    switch (expression.kind) {
      case "character":
        return this.writeCharacter(utf8Ranges(expression.set), from);
      case "sequence":
        return expression.parts.reduce((position, part) => this.write(part, position), from);
      case "choice": {
        const end = this.automaton.add();
        for (const option of expression.options) this.connect(this.write(option, from), end);
        return end;
      }
      case "repeat":
        return this.writeRepeat(expression, from);
      case "separated":
        return this.writeSeparated(expression, from);
      case "rule": {
        const body = this.rules.get(expression.name)!;
        if (!this.inlining.kept.has(expression.name)) return this.write(body, from);
        return this.writeCall(this.ruleIndex(expression.name, expression.name, body), from);
      }
    }
  }

  private writeCall(rule: number, from: number): number {
    const target = this.automaton.add();
    this.automaton.calls[from]!.push({ rule, target });
    return target;
  }

  private writeCharacter(sequences: readonly ByteRanges[], from: number): number {
    const { automaton } = this;
    const end = automaton.add();
    const shared = new Map<string, number>([["", end]]); // endings of encodings, which many sequences share
    const ending = (ranges: ByteRanges): number => {
      const key = ranges.join(";");
      const known = shared.get(key);
      if (known !== undefined) return known;
      const position = automaton.add();
      shared.set(key, position);
      read(position, ranges);
      return position;
    };
    const read = (position: number, ranges: ByteRanges): void => {
      const [low, high] = ranges[0]!;
      automaton.edges[position]!.push({ low, high, target: ending(ranges.slice(1)) });
    };
    for (const ranges of sequences) read(from, ranges);
    return end;
  }

  private writeRepeat(expression: Expression & { kind: "repeat" }, from: number): number {
    const { body, min, max } = expression;
    let once = (position: number): number => this.write(body, position);
    if (this.inlining.callsBody(expression)) {
      const index = this.ruleIndex(body, "a repeated part", body);
      once = (position) => this.writeCall(index, position);
    }
    let position = from;
    for (let i = 0; i < min; i++) position = once(position);
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.after(position);
      this.connect(once(loop), loop);
      return loop;
    }
    const end = this.automaton.add();
    for (let i = min; i < max; i++) {
      this.connect(position, end);
      position = once(this.after(position));
    }
    this.connect(position, end);
    return end;
  }

  /** Two tracks run beside the parts: nothing was written yet, or something was, and the next part needs a separator. */
  private writeSeparated({ parts, separator }: Expression & { kind: "separated" }, from: number): number {
    let nothingYet: number | undefined = this.after(from);
    let something: number | undefined;
    for (const { expression, optional } of parts) {
      const entry = this.automaton.add();
      if (nothingYet !== undefined) this.connect(nothingYet, entry);
      if (something !== undefined) this.connect(this.write(separator, this.after(something)), entry);
      const next = this.after(this.write(expression, entry));
      if (optional && something !== undefined) this.connect(something, next);
      nothingYet = optional && nothingYet !== undefined ? this.after(nothingYet) : undefined;
      something = next;
    }
    const end = this.automaton.add();
    if (nothingYet !== undefined) this.connect(nothingYet, end);
    if (something !== undefined) this.connect(something, end);
    return end;
  }
}
