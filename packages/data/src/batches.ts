/**
 * A token stream and the windows that models see of it: random ones to train on, and all of them in a row to be judged by. Targets
 * are the inputs shifted by one: from ids[s … s+T) the model predicts ids[s+1 … s+T+1) (nanoGPT's get_batch).
 */
import { ArgumentError } from "@atelier/engine/errors";
import type { RandomKey } from "@atelier/engine/random";
import type { TextCodec } from "./codecs/tokens-codec.js";
import type { TextDocument } from "./datasets/text-dataset.js";
import { TextTooShortError } from "./errors.js";

/** Token ids, row after row. */
export interface TokenBatch {
  readonly inputs: Int32Array; // (batch, length)
  readonly targets: Int32Array; // (batch, length)
}

export interface TokenWindows extends TokenBatch {
  /** 1 where a target counts, 0 where the row is only filled up. */
  readonly mask: Float32Array; // (batch, length)
  /** How many targets count. */
  readonly count: number;
}

/** Documents, or pieces of documents that follow each other where `continues` is true. */
export type DocumentTexts =
  | Iterable<Pick<TextDocument, "text" | "continues">>
  | AsyncIterable<Pick<TextDocument, "text" | "continues">>;

/** Where token ids are: in memory, or in a file (`TokenFile`). */
export interface TokenSource {
  readonly length: number;
  /** The ids [from, to), cut off at the ends as `subarray` does. Not to be written to: it may be the source's own memory. */
  read(from: number, to: number): Int32Array;
}

/** What a codec calls the end of a document. */
const separator = "<|endoftext|>";

function wholeAndPositive(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new ArgumentError(`The ${name} must be a whole number of at least 1, got ${value}`, {
      hint: `Set the ${name}.`,
    });
  }
}

/** The ids of the documents in order, `<|endoftext|>` between two of them where the codec has it. */
export async function* encodeDocuments(
  documents: DocumentTexts,
  codec: Pick<TextCodec, "encode" | "spec">,
): AsyncGenerator<Int32Array> {
  const end = codec.spec.specials[separator];
  let boundary = false;
  for await (const { text, continues } of documents) {
    if (boundary && end !== undefined) yield Int32Array.of(end);
    yield codec.encode(text);
    boundary = continues !== true;
  }
}

/** Rows of `length + 1` tokens, (batch, length + 1), as inputs and the targets one token on. */
export function shiftedRows(rows: Int32Array, length: number): TokenBatch {
  const batch = rows.length / (length + 1);
  const inputs = new Int32Array(batch * length);
  const targets = new Int32Array(batch * length);
  for (let row = 0; row < batch; row++) {
    const start = row * (length + 1);
    inputs.set(rows.subarray(start, start + length), row * length);
    targets.set(rows.subarray(start + 1, start + 1 + length), row * length);
  }
  return { inputs, targets };
}

export class TokenStream implements TokenSource {
  private readonly source: TokenSource;

  constructor(ids: Int32Array | TokenSource) {
    this.source = ids instanceof Int32Array ? { length: ids.length, read: (from, to) => ids.subarray(from, to) } : ids;
  }

  /**
   * The documents one after another, in memory, with `<|endoftext|>` between them where the codec has it, else with nothing. Pieces
   * of one document follow each other directly.
   */
  static async fromDocuments(
    documents: DocumentTexts,
    codec: Pick<TextCodec, "encode" | "spec">,
  ): Promise<TokenStream> {
    const parts: Int32Array[] = [];
    for await (const part of encodeDocuments(documents, codec)) parts.push(part);
    const ids = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      ids.set(part, at);
      at += part.length;
    }
    return new TokenStream(ids);
  }

  get length(): number {
    return this.source.length;
  }

  /** The ids [from, to), cut off at the ends as `subarray` does. Not to be written to. */
  read(from: number, to: number): Int32Array {
    return this.source.read(from, to);
  }

  /**
   * `batch` windows of `length` tokens from random starts, every start equally likely; the same key gives the same windows.
   * @returns (batch, length), row-major.
   * @throws TextTooShortError where not even one window fits. @throws ArgumentError
   */
  rows(key: RandomKey, batch: number, length: number): Int32Array {
    wholeAndPositive("batch", batch);
    wholeAndPositive("window length", length);
    const starts = this.length - length + 1;
    if (starts < 1) {
      throw new TextTooShortError(`The text has ${this.length} tokens, but a window needs ${length}`, {
        hint: this.length < 1 ? "Give more text." : `Set the length to at most ${this.length}, or give more text.`,
      });
    }
    const words = key.bits(new Uint32Array(batch));
    const rows = new Int32Array(batch * length);
    for (let row = 0; row < batch; row++) {
      const start = Math.floor((words[row]! / 2 ** 32) * starts);
      rows.set(this.read(start, start + length), row * length);
    }
    return rows;
  }

  /**
   * Random windows as `rows` gives them, one token longer than `length`, divided into inputs and targets.
   * @throws TextTooShortError where not even one window (with its last target) fits. @throws ArgumentError
   */
  sample(key: RandomKey, batch: number, length: number): TokenBatch {
    wholeAndPositive("batch", batch);
    wholeAndPositive("context length", length);
    if (this.length <= length) {
      throw new TextTooShortError(
        `The text has ${this.length} tokens, but a context of ${length} needs at least ${length + 1}`,
        {
          hint:
            this.length < 2
              ? "Give more text."
              : `Set the context length to at most ${this.length - 1}, or give more text.`,
        },
      );
    }
    return shiftedRows(this.rows(key, batch, length + 1), length);
  }

  /**
   * The whole stream in non-overlapping windows from offset 0, `batch` rows at a time, all of one shape. Every token but the
   * first, which nothing precedes, is the target exactly once: the last window is filled up with zeros, and so are the rows missing
   * from the last batch, and `mask` is 0 there. The mean loss is Σ mask × loss / Σ count.
   * @throws TextTooShortError where there are fewer than two tokens. @throws ArgumentError
   */
  *windows(length: number, batch = 1): Generator<TokenWindows> {
    wholeAndPositive("batch", batch);
    wholeAndPositive("context length", length);
    const total = this.length - 1;
    if (total < 1) {
      throw new TextTooShortError(
        `The text has ${this.length} tokens, but at least 2 are needed to predict one from another`,
        {
          hint: "Give more text, or hold out a larger part for validation.",
        },
      );
    }
    const size = batch * length;
    for (let start = 0; start < total; start += size) {
      const count = Math.min(size, total - start);
      const inputs = new Int32Array(size);
      const targets = new Int32Array(size);
      // Rows lie end to end in the stream, so a batch is one slice of it.
      const ids = this.read(start, start + count + 1);
      inputs.set(ids.subarray(0, count));
      targets.set(ids.subarray(1));
      yield { inputs, targets, mask: new Float32Array(size).fill(1, 0, count), count };
    }
  }
}
