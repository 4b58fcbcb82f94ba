/**
 * Gaps to fill, made from held-out source files: single lines, several lines, and random spans, as in the infilling benchmarks made
 * of HumanEval (Fried et al.: "InCoder", 2022; Bavarian et al.: "Efficient Training of Language Models to Fill in the Middle", 2022).
 */
import { TextTooShortError } from "@atelier/data";
import { ArgumentError, type RandomKey } from "@atelier/engine";

export const fillKinds = ["single-line", "multi-line", "random-span"] as const;
export type FillKind = (typeof fillKinds)[number];

export interface FillTask {
  /** The document's. */
  readonly name: string;
  readonly kind: FillKind;
  /** What a model sees before the gap, what was there, and what it sees behind. */
  readonly prefix: string;
  readonly middle: string;
  readonly suffix: string;
  /** The rest of the document around them, so that the whole can be judged: `before + prefix + middle + suffix + after`. */
  readonly before: string;
  readonly after: string;
}

export interface FillTaskOptions {
  readonly count: number;
  readonly key: RandomKey;
  /** Length of prefix, middle and suffix together, in UTF-16 code units; middles take up to a quarter of it. Default 1024. */
  readonly characters?: number;
}

interface Line {
  readonly start: number;
  /** Without the line break. */
  readonly end: number;
}

const mostLines = 5;
const mostDraws = 20;

const saysSomething = /^(?!\/\/|\/?\*|#(?:[ !]|$)).*[\p{L}\p{N}]/u;

/** Lines that say something: with a letter or a digit, and not of comments alone, which are prose and would always parse. */
function codeLines(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    if (saysSomething.test(text.slice(start, end).trim())) lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

/** Keeps both halves of a surrogate pair on one side of a cut: a cut between them moves behind the pair. */
function whole(text: string, at: number): number {
  const inside = at > 0 && at < text.length && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  return inside ? at + 1 : at;
}

/** A gap of the given kind, or undefined where this draw makes none. */
function gap(kind: FillKind, text: string, lines: readonly Line[], key: RandomKey): Line | undefined {
  const line = key.at(0).integer(lines.length);
  const { start, end } = lines[line]!;
  if (kind === "single-line") return { start, end };
  // Further lines of code; what lies between two of them comes with them.
  const least = kind === "multi-line" ? 1 : 0;
  const last = lines[line + least + key.at(1).integer(mostLines - least)];
  if (last === undefined) return undefined;
  if (kind === "multi-line") return { start, end: last.end };
  const from = whole(text, start + key.at(2).integer(end - start));
  const to = whole(text, Math.max(from, last.start) + key.at(3).integer(last.end - Math.max(from, last.start) + 1));
  return text.slice(from, to).trim() === "" ? undefined : { start: from, end: to };
}

/** Cuts a document around a gap to what fits; the suffix gets a quarter of the room, and each what the other leaves. */
function cut(name: string, kind: FillKind, text: string, { start, end }: Line, characters: number): FillTask {
  const room = characters - (end - start);
  const behind = Math.min(text.length - end, Math.max(Math.floor(room / 4), room - start));
  const from = whole(text, Math.max(0, start - (room - behind)));
  const inside = end + behind;
  const to = inside < text.length && whole(text, inside) !== inside ? inside - 1 : inside;
  return {
    name,
    kind,
    before: text.slice(0, from),
    prefix: text.slice(from, start),
    middle: text.slice(start, end),
    suffix: text.slice(end, to),
    after: text.slice(to),
  };
}

/**
 * Tasks of the three kinds in turn, from the documents in random order, again from the first when all have served; no two are the same.
 * A single line is a whole line with its indentation, without its line break; several lines are two to five lines of code with what
 * lies between them; a random span begins anywhere in a line of code and ends anywhere in that or one of the next four. Gaps do not
 * begin or end in lines of comments alone. There are fewer than `count` where the documents do not hold so many.
 * @throws TextTooShortError where they hold none. @throws ArgumentError
 */
export function fillTasks(
  documents: readonly { readonly name: string; readonly text: string }[],
  { count, key, characters = 1024 }: FillTaskOptions,
): FillTask[] {
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(characters) || characters < 64) {
    throw new ArgumentError(`Cannot make ${count} tasks of ${characters} characters`, {
      hint: "Ask for at least one task, of at least 64 characters.",
    });
  }
  const order = key.split("documents").permutation(documents.length);
  const sources = [...order]
    .map((index) => documents[index]!)
    .map(({ name, text }) => ({ name, text, lines: codeLines(text) }))
    .filter(({ lines }) => lines.length > 0);
  const tasks: FillTask[] = [];
  const taken = new Set<string>();
  for (let turn = 0, failures = 0; tasks.length < count && failures < mostDraws * sources.length; turn++) {
    const source = turn % sources.length;
    const { name, text, lines } = sources[source]!;
    const kind = fillKinds[tasks.length % fillKinds.length]!;
    const found = gap(kind, text, lines, key.split("gaps").at(turn));
    const place = `${source} ${found?.start} ${found?.end}`;
    if (found === undefined || found.end - found.start > characters / 4 || taken.has(place)) {
      failures++;
      continue;
    }
    failures = 0;
    taken.add(place);
    tasks.push(cut(name, kind, text, found, characters));
  }
  if (tasks.length === 0) {
    throw new TextTooShortError("The held-out documents have no line of code that could be left out", {
      hint: "Hold out more files, or allow longer tasks.",
    });
  }
  return tasks;
}
