/**
 * What every notation is read into: rules whose right-hand sides are regular expressions over characters and other rules. A JSON
 * Schema, a regular expression and an EBNF text differ only in how they are read.
 */
import { type CodePoints, codePoints } from "./code-points.js";

export type Expression =
  /** One character of a set; the empty set matches nothing. */
  | { readonly kind: "character"; readonly set: CodePoints }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | { readonly kind: "repeat"; readonly body: Expression; readonly min: number; readonly max: number }
  /** Parts in order, some of which may be left out, with a separator between those that are there. */
  | { readonly kind: "separated"; readonly parts: readonly SeparatedPart[]; readonly separator: Expression }
  | { readonly kind: "rule"; readonly name: string };

export interface SeparatedPart {
  readonly expression: Expression;
  readonly optional: boolean;
}

/** Right-hand sides by name. */
export type Rules = ReadonlyMap<string, Expression>;

/** Matches the empty text only. */
export const empty: Expression = { kind: "sequence", parts: [] };
/** Matches nothing, not even the empty text. */
export const nothing: Expression = { kind: "choice", options: [] };

export const character = (set: CodePoints): Expression => ({ kind: "character", set });
export const sequence = (...parts: Expression[]): Expression =>
  parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
export const choice = (...options: Expression[]): Expression =>
  options.length === 1 ? options[0]! : { kind: "choice", options };
export const repeat = (body: Expression, min: number, max = Number.POSITIVE_INFINITY): Expression => ({
  kind: "repeat",
  body,
  min,
  max,
});
export const optional = (body: Expression): Expression => repeat(body, 0, 1);
export const rule = (name: string): Expression => ({ kind: "rule", name });

/** A text as it stands. */
export function literal(text: string): Expression {
  return sequence(
    ...Array.from(text, (letter) => character(codePoints([[letter.codePointAt(0)!, letter.codePointAt(0)!]]))),
  );
}

/** The names of the rules that an expression mentions. */
export function* rulesIn(expression: Expression): Generator<string> {
  switch (expression.kind) {
    case "character":
      return;
    case "rule":
      yield expression.name;
      return;
    case "sequence":
      for (const part of expression.parts) yield* rulesIn(part);
      return;
    case "choice":
      for (const option of expression.options) yield* rulesIn(option);
      return;
    case "repeat":
      yield* rulesIn(expression.body);
      return;
    case "separated":
      yield* rulesIn(expression.separator);
      for (const part of expression.parts) yield* rulesIn(part.expression);
  }
}
