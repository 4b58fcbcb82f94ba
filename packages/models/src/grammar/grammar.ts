/** A grammar, ready for use: what `regexGrammar`, `ebnfGrammar` and `jsonSchemaGrammar` make. */
import { Automaton } from "./automaton.js";
import { byteDistances, cheapestText } from "./distances.js";
import { UnsatisfiableGrammarError } from "./errors.js";
import { type Expression, type Rules, rulesIn } from "./expression.js";

export class Grammar {
  readonly automaton: Automaton;
  /** For each position of the automaton, the least number of bytes to the end of its rule. */
  readonly bytesToEnd: Float64Array;

  /**
   * @param rules all rules that are mentioned have to be there
   * @throws UnsatisfiableGrammarError if no text meets the grammar, or rules begin with themselves through one another
   */
  constructor(rules: Rules, root: string) {
    this.automaton = new Automaton(rules, root);
    this.bytesToEnd = byteDistances(this.automaton, () => 1);
    if (this.bytesToEnd[this.automaton.rules[0]!.start] === Number.POSITIVE_INFINITY) {
      const [first] = unproductive(rules, root);
      const where = first === undefined || first === root ? "" : `: nothing can be written for '${first}'`;
      throw new UnsatisfiableGrammarError(`No text can meet the grammar${where}`, {
        hint: "Look for a rule that always needs itself again, an empty choice, or conditions that contradict each other.",
      });
    }
  }

  /** A shortest text in the language. */
  get shortest(): string {
    return new TextDecoder().decode(cheapestText(this.automaton, this.bytesToEnd, () => 1));
  }
}

/** The rules that no text meets and that the root needs, the innermost first. */
function unproductive(rules: Rules, root: string): string[] {
  const productive = new Set<string>();
  const can = (expression: Expression): boolean => {
    switch (expression.kind) {
      case "character":
        return expression.set.length > 0;
      case "rule":
        return productive.has(expression.name);
      case "sequence":
        return expression.parts.every(can);
      case "choice":
        return expression.options.some(can);
      case "repeat":
        return expression.min === 0 || can(expression.body);
      case "separated":
        return expression.parts.every((part) => part.optional || can(part.expression));
    }
  };
  for (let before = -1; before !== productive.size; ) {
    before = productive.size;
    for (const [name, expression] of rules) if (can(expression)) productive.add(name);
  }
  const found: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name) || productive.has(name)) return;
    seen.add(name);
    for (const inner of rulesIn(rules.get(name)!)) visit(inner);
    found.push(name);
  };
  visit(root);
  return found;
}
