/** Rows with named fields (JSON Lines, CSV) to texts: which field holds the text, or how a template joins several. */
import { ArgumentError } from "@atelier/engine/errors";
import { nearest } from "@atelier/engine/nearest";

export interface TextRecord {
  /** Its line in JSON Lines, its row in CSV, from 1. */
  readonly number: number;
  readonly value: unknown;
}

export interface RecordSettings {
  readonly field?: string | undefined;
  readonly template?: string | undefined;
}

/** What datasets call their text, most telling first. */
const usual = ["text", "content", "body", "document", "article", "story", "passage", "code", "message", "sentence"];
/** How many rows are looked at before a field is chosen. */
const looked = 100;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `a.b` is looked up as it stands first, then as `b` in `a`. */
function lookUp(record: unknown, field: string): unknown {
  if (!isObject(record)) return undefined;
  if (Object.hasOwn(record, field)) return record[field];
  return field.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), record);
}

const written = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";

const named = (template: string): string[] => [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]!);

/** Of the fields with words in them a usual name, else the one with the longest texts. */
function guessField(rows: readonly TextRecord[]): string | undefined {
  const lengths = new Map<string, number>();
  for (const { value } of rows) {
    if (!isObject(value)) continue;
    for (const [field, text] of Object.entries(value)) {
      if (typeof text === "string" && /\p{L}/u.test(text)) lengths.set(field, (lengths.get(field) ?? 0) + text.length);
    }
  }
  const fields = [...lengths.keys()];
  const found = usual.map((name) => fields.find((field) => field.toLowerCase() === name)).find((field) => field);
  return (
    found ??
    fields.reduce<string | undefined>(
      (best, field) => (best === undefined || lengths.get(field)! > lengths.get(best)! ? field : best),
      undefined,
    )
  );
}

/** How a row becomes a text. @throws ArgumentError where no row has the field, or none has any text. */
function reader(
  rows: readonly TextRecord[],
  { field, template }: RecordSettings,
  where: string,
): (value: unknown) => string {
  const fields = [...new Set(rows.flatMap(({ value }) => (isObject(value) ? Object.keys(value) : [])))];
  const known = fields.length === 0 ? "" : `Its fields are: ${fields.join(", ")}.`;
  for (const name of template === undefined ? (field === undefined ? [] : [field]) : named(template)) {
    if (rows.some(({ value }) => lookUp(value, name) !== undefined)) continue;
    const similar = nearest(name, fields);
    throw new ArgumentError(`${where} has no field ${JSON.stringify(name)}`, {
      hint: `${similar === undefined ? "" : `Did you mean ${similar}? `}${known}`.trim() || "Leave the field out.",
    });
  }
  if (template !== undefined) {
    const names = named(template);
    return (value) =>
      names.every((name) => written(lookUp(value, name)).trim() === "")
        ? ""
        : template.replace(/\{([^{}]+)\}/g, (_, name: string) => written(lookUp(value, name)));
  }
  const chosen = field ?? guessField(rows);
  if (chosen === undefined && !rows.some(({ value }) => typeof value === "string")) {
    throw new ArgumentError(`${where} has no field with text in it`, { hint: known || "Give a file with texts." });
  }
  return (value) => (typeof value === "string" ? value : chosen === undefined ? "" : written(lookUp(value, chosen)));
}

/** Windows line ends become LF as in files; halves of characters, which JSON can spell, become U+FFFD. */
const tidy = (text: string): string => text.replaceAll("\r\n", "\n").replace(/\p{Surrogate}/gu, "\ufffd");

/**
 * The text of every row, with its number. Rows without one, or with NUL characters in it, are left out.
 * @param leftOut told at the end how many rows were left out, if any.
 */
export async function* recordTexts(
  records: AsyncIterable<TextRecord>,
  settings: RecordSettings,
  where: string,
  leftOut: (rows: number, all: number) => void,
): AsyncGenerator<{ readonly number: number; readonly text: string }> {
  const first: TextRecord[] = [];
  let read: ((value: unknown) => string) | undefined;
  let all = 0;
  let empty = 0;
  const textOf = ({ number, value }: TextRecord, of: (value: unknown) => string) => {
    const text = tidy(of(value));
    all++;
    if (text.trim() !== "" && !text.includes("\0")) return [{ number, text }];
    empty++;
    return [];
  };
  for await (const record of records) {
    if (read !== undefined) yield* textOf(record, read);
    else if (first.push(record) === looked) {
      read = reader(first, settings, where);
      for (const each of first) yield* textOf(each, read);
    }
  }
  if (read === undefined && first.length > 0) {
    read = reader(first, settings, where);
    for (const each of first) yield* textOf(each, read);
  }
  if (empty > 0) leftOut(empty, all);
}
