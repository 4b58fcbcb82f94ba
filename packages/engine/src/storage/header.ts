/**
 * The header of a safetensors file, read with suspicion: a file may come from anywhere, so every number in it is checked before it is
 * used. The rules are those of the format's own description (huggingface/safetensors, "Format"): no duplicate names, offsets that
 * match shape × element size, and a data section without gaps, overlaps or unclaimed bytes.
 */
import { FormatError } from "../errors.js";
import { BYTES_PER_ELEMENT, isStoredDType, type StoredDType } from "./dtypes.js";

/** Longest header that is read, as in the reference implementation: 100 MB. */
export const MAXIMUM_HEADER_BYTES = 100_000_000;

export interface HeaderEntry {
  readonly name: string;
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  /** Offsets into the data section, in bytes: `[begin, end)`. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** Tensors in the order in which their data lie in the file. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the data section starts, in bytes from the start of the file. */
  readonly dataStart: number;
}

const notSafetensors = (reason: string): FormatError =>
  new FormatError(`not a valid safetensors file: ${reason}`, {
    hint: "the file is damaged, cut short or of another kind; fetch or write it again",
  });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Index just after the string literal that opens at `start` of this (valid) JSON text. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i + 1;
}

/** The first key that an object in this (valid) JSON text has twice: `JSON.parse` would keep the last and say nothing. */
function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  const colon = /\s*:/y;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(json, i);
      colon.lastIndex = end;
      if (colon.test(json)) {
        const key: string = JSON.parse(json.slice(i, end));
        const keys = open.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notSafetensors("the header is not UTF-8 text");
  }
  if (!text.startsWith("{")) throw notSafetensors("the header does not start with {");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw notSafetensors(`the header is not JSON (${error instanceof Error ? error.message : "unreadable"})`);
  }
  const duplicate = duplicateKey(text);
  if (duplicate !== undefined) throw notSafetensors(`the header names "${duplicate}" twice`);
  if (!isRecord(json)) throw notSafetensors("the header is not a JSON object");
  return json;
}

function parseMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value)) throw notSafetensors("__metadata__ is not an object");
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== "string") throw notSafetensors(`__metadata__ entry "${key}" is not a string`);
    return [key, text];
  });
  return Object.fromEntries(entries);
}

function parseEntry(name: string, value: unknown): HeaderEntry {
  const bad = (reason: string): FormatError => notSafetensors(`tensor "${name}" ${reason}`);
  if (!isRecord(value)) throw bad("is not described by an object");
  const unknownKey = Object.keys(value).find((key) => !["dtype", "shape", "data_offsets"].includes(key));
  if (unknownKey !== undefined) throw bad(`has an unknown field "${unknownKey}"`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isStoredDType(dtype)) throw bad(`has the data type ${JSON.stringify(dtype)}, which is not read here`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw bad("has a shape that is not a list of whole numbers ≥ 0");
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw bad("has data_offsets that are not two whole numbers ≥ 0");
  }
  const [begin, end] = offsets as [number, number];
  // Products beyond 2^53 are inexact, but then also larger than any file.
  const bytes = shape.reduce((product, n) => product * n, BYTES_PER_ELEMENT[dtype]);
  if (end - begin !== bytes) {
    throw bad(`claims the bytes ${begin} to ${end}, but [${shape.join(", ")}] of ${dtype} takes ${bytes}`);
  }
  return { name, dtype, shape, begin, end };
}

/** Checks that the spans fill `dataBytes` exactly, one after another. */
function checkCoverage(entries: readonly HeaderEntry[], dataBytes: number): void {
  let position = 0;
  for (const entry of entries) {
    if (entry.begin !== position) {
      const what = entry.begin < position ? "overlaps the tensor before it" : "leaves a gap before it";
      throw notSafetensors(`tensor "${entry.name}" starts at byte ${entry.begin}, not ${position}: it ${what}`);
    }
    position = entry.end;
  }
  if (position !== dataBytes) {
    throw notSafetensors(`its tensors take ${position} bytes of data, but the file holds ${dataBytes}`);
  }
}

/** Reads and checks the header of a whole file. @throws {FormatError} saying what is wrong and where. */
export function parseHeader(file: Uint8Array): Header {
  if (file.byteLength < 8) throw notSafetensors(`it has ${file.byteLength} bytes; the header length alone takes 8`);
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAXIMUM_HEADER_BYTES)) {
    throw notSafetensors(`it claims a header of ${length} bytes; the limit is ${MAXIMUM_HEADER_BYTES}`);
  }
  const dataStart = 8 + Number(length);
  if (dataStart > file.byteLength) {
    throw notSafetensors(`it claims a header of ${length} bytes, but the file has only ${file.byteLength}`);
  }
  const { __metadata__: metadata, ...tensors } = parseJson(file.subarray(8, dataStart));
  const entries = Object.entries(tensors)
    .map(([name, value]) => parseEntry(name, value))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, file.byteLength - dataStart);
  return { entries, metadata: metadata === undefined ? {} : parseMetadata(metadata), dataStart };
}
