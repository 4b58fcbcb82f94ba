/** The rows of JSON Lines (jsonlines.org; NDJSON is the same) and CSV (RFC 4180) files, one at a time. */
import { FormatError } from "@atelier/engine/errors";
import { CsvError, parse } from "csv-parse";
import type { TextRecord } from "./records.js";
import { through } from "./through.js";

/** In UTF-16 units. A longer row is a missing line end or quotation mark. */
const longestRow = 1 << 27;

const tooLong = (where: string, line: number): FormatError =>
  new FormatError(`${where}:${line} has a row of more than ${longestRow} characters`, {
    hint: "Is a line end or a closing quotation mark missing?",
  });

/** The lines of a text that comes in parts. */
async function* linesOf(parts: AsyncIterable<string>, where: string): AsyncGenerator<string> {
  let rest: string[] = [];
  let length = 0;
  let count = 1;
  for await (const part of parts) {
    let from = 0;
    for (let end = part.indexOf("\n"); end >= 0; end = part.indexOf("\n", from)) {
      rest.push(part.slice(from, end));
      yield rest.length === 1 ? rest[0]! : rest.join("");
      rest = [];
      length = 0;
      count++;
      from = end + 1;
    }
    if (from === part.length) continue;
    rest.push(part.slice(from));
    length += part.length - from;
    if (length > longestRow) throw tooLong(where, count);
  }
  if (rest.length > 0) yield rest.join("");
}

/** @throws FormatError naming the line that is no JSON. */
export async function* jsonRecords(parts: AsyncIterable<string>, where: string): AsyncGenerator<TextRecord> {
  let line = 0;
  for await (const text of linesOf(parts, where)) {
    line++;
    if (text.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new FormatError(`${where}:${line} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
        hint: "Each line of a .jsonl file is one JSON value; correct or remove this line.",
        cause,
      });
    }
    yield { number: line, value };
  }
}

/** Which of `,` `;` and tab stands most often in the line of headings. */
function delimiterOf(headings: string): string {
  const count = (mark: string): number => headings.split(mark).length;
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** The first line holds the names of the columns. @throws FormatError naming the line that is broken. */
export async function* csvRecords(parts: AsyncIterable<string>, where: string): AsyncGenerator<TextRecord> {
  const iterator = parts[Symbol.asyncIterator]();
  let head = "";
  while (!head.includes("\n")) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    head += value;
  }
  const rest = async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  const parser = parse({
    delimiter: delimiterOf(head.split("\n", 1)[0]!),
    columns: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
  });
  const explain = (error: unknown): unknown =>
    error instanceof CsvError
      ? new FormatError(`${where} is no CSV: ${error.message}`, {
          hint: "Every row needs as many columns as the first line names; texts with commas or line ends stand in quotation marks.",
          cause: error,
        })
      : error;
  let number = 0;
  for await (const value of through(rest(), parser, explain)) yield { number: ++number, value };
}
