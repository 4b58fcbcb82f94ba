/**
 * Which rules stay rules. Calling a rule takes a stack; a rule that is written out where it is used takes none, and lets alternatives
 * that begin alike be read as one. So all rules are written out, but for those that close a circle of recursion (targets of a back
 * edge in a depth-first search: every circle has one) and large ones used in several places.
 */
import { type Expression, type Rules, rulesIn } from "./expression.js";
import { utf8Ranges } from "./utf8-ranges.js";

/** A rule with more automaton positions than this is not copied. */
const largestCopy = 300;
/** A repetition that needs more positions than this calls its body instead of copying it. */
const largestRepeat = 5_000;

export interface Inlining {
  readonly kept: ReadonlySet<string>;
  /** Whether a counted repetition should call its body. */
  callsBody(expression: Expression & { readonly kind: "repeat" }): boolean;
}

/** @throws nothing: all rules that are mentioned have to exist */
export function planInlining(rules: Rules, root: string): Inlining {
  const kept = new Set([root]);
  const sizes = new Map<string, number>();
  const uses = new Map<string, number>();
  for (const expression of rules.values()) {
    for (const name of rulesIn(expression)) uses.set(name, (uses.get(name) ?? 0) + 1);
  }

  const sizeOf = (expression: Expression): number => {
    switch (expression.kind) {
      case "character":
        return Math.max(1, utf8Ranges(expression.set).length);
      case "rule":
        return kept.has(expression.name) ? 1 : (sizes.get(expression.name) ?? 1);
      case "sequence":
        return expression.parts.reduce((sum, part) => sum + sizeOf(part), 1);
      case "choice":
        return expression.options.reduce((sum, option) => sum + sizeOf(option), 1);
      case "separated":
        return expression.parts.reduce((sum, part) => sum + sizeOf(part.expression) + sizeOf(expression.separator), 1);
      case "repeat":
        return callsBody(expression) ? copies(expression) + 1 : copies(expression) * sizeOf(expression.body) + 1;
    }
  };
  const callsBody = (expression: Expression & { kind: "repeat" }): boolean =>
    copies(expression) > 1 && copies(expression) * sizeOf(expression.body) > largestRepeat;

  const open = new Set<string>();
  const visit = (name: string): void => {
    open.add(name);
    const expression = rules.get(name)!;
    for (const inner of rulesIn(expression)) {
      if (open.has(inner)) kept.add(inner);
      else if (!sizes.has(inner)) visit(inner);
    }
    open.delete(name);
    const size = sizeOf(expression);
    sizes.set(name, size);
    if (size > largestCopy && (uses.get(name) ?? 0) > 1) kept.add(name);
  };
  visit(root);
  return { kept, callsBody };
}

function copies({ min, max }: Expression & { readonly kind: "repeat" }): number {
  return max === Number.POSITIVE_INFINITY ? min + 1 : max;
}
