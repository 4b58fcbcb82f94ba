/** JSON strings as they are written: between quotes, with `"`, `\` and control characters escaped, everything else as it is. */
import { anyCharacter, type CodePoints, charactersOf, codePoints, intersect, subtract } from "../code-points.js";
import { character, choice, type Expression, literal, repeat, sequence } from "../expression.js";

const quote = literal('"');
const escaped = codePoints([...charactersOf('"\\'), [0, 0x1f]]);

/** A value of the enumeration kind: as `JSON.stringify` writes it. */
export const written = (value: unknown): Expression => literal(JSON.stringify(value));

/** A string literal whose content is what the expression describes. */
export function quoted(content: Expression): Expression {
  return sequence(quote, escapedContent(content), quote);
}

/** Any characters, so many of them. */
export const anyText = (min = 0, max = Number.POSITIVE_INFINITY): Expression =>
  repeat(character(anyCharacter), min, max);

function escapedContent(expression: Expression): Expression {
  switch (expression.kind) {
    case "character":
      return escapedCharacter(expression.set);
    case "sequence":
      return { ...expression, parts: expression.parts.map(escapedContent) };
    case "choice":
      return { ...expression, options: expression.options.map(escapedContent) };
    case "repeat":
      return { ...expression, body: escapedContent(expression.body) };
    case "separated":
      return {
        ...expression,
        separator: escapedContent(expression.separator),
        parts: expression.parts.map((part) => ({ ...part, expression: escapedContent(part.expression) })),
      };
    case "rule":
      return expression;
  }
}

/** The characters that have an escape of two letters, and its second letter. */
const shortEscapes: readonly (readonly [character: string, letter: string])[] = [
  ['"', '"'],
  ["\\", "\\"],
  ["\b", "b"],
  ["\t", "t"],
  ["\n", "n"],
  ["\f", "f"],
  ["\r", "r"],
];
const short = charactersOf(shortEscapes.map(([escaped]) => escaped).join(""));

/** Each character in the one way that `JSON.stringify` writes it. */
function escapedCharacter(set: CodePoints): Expression {
  const special = intersect(set, escaped);
  const options = [character(subtract(set, escaped))];
  const letters = shortEscapes.filter(([first]) => intersect(special, charactersOf(first)).length > 0);
  const hexadecimal = (first: 0 | 1): Expression => {
    const row = intersect(subtract(special, short), [[first * 16, first * 16 + 15]]);
    const last = row.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => (from + i) % 16));
    return sequence(literal(String(first)), character(charactersOf(last.map((digit) => digit.toString(16)).join(""))));
  };
  if (special.length > 0) {
    const letter = character(charactersOf(letters.map(([, second]) => second).join("")));
    options.push(
      sequence(literal("\\"), choice(letter, sequence(literal("u00"), choice(hexadecimal(0), hexadecimal(1))))),
    );
  }
  return choice(...options);
}

/** Any text that is none of these. */
export function anyTextBut(texts: readonly string[]): Expression {
  const byFirst = new Map<string, string[]>();
  for (const text of texts) {
    const [first] = text;
    if (first === undefined) continue;
    const rest = text.slice(first.length);
    const list = byFirst.get(first);
    if (list === undefined) byFirst.set(first, [rest]);
    else list.push(rest);
  }
  const other = subtract(anyCharacter, charactersOf([...byFirst.keys()].join("")));
  const options = [sequence(character(other), anyText())];
  for (const [first, rests] of byFirst) options.push(sequence(literal(first), anyTextBut(rests)));
  if (!texts.includes("")) options.push(sequence());
  return choice(...options);
}
