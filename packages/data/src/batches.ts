/**
 * A token stream and the windows that models see of it: random ones to train on, and all of them in a row to be judged by. Targets
 * are the inputs shifted by one: from ids[s … s+T) the model predicts ids[s+1 … s+T+1) (nanoGPT's get_batch).
 */
import { ArgumentError } from "@atelier/engine/errors";
import type { RandomKey } from "@atelier/engine/random";
import type { TokensCodec } from "./codecs/tokens-codec.js";
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

const separator = "<|endoftext|>";

function wholeAndPositive(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new ArgumentError(`The ${name} must be a whole number of at least 1, got ${value}`, {
      hint: `Set the ${name}.`,
    });
  }
}

export class TokenStream {
  readonly ids: Int32Array;

  constructor(ids: Int32Array) {
    this.ids = ids;
  }

  /** The documents one after another, with `<|endoftext|>` between them where the codec has it, else with nothing. */
  static fromDocuments(
    documents: readonly Pick<TextDocument, "text">[],
    codec: Pick<TokensCodec, "encode" | "spec">,
  ): TokenStream {
    const end = codec.spec.specials[separator];
    const parts: Int32Array[] = [];
    for (const { text } of documents) {
      if (end !== undefined && parts.length > 0) parts.push(Int32Array.of(end));
      parts.push(codec.encode(text));
    }
    const ids = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      ids.set(part, at);
      at += part.length;
    }
    return new TokenStream(ids);
  }

  get length(): number {
    return this.ids.length;
  }

  /**
   * `batch` windows of `length` tokens from random starts, every start equally likely; the same key gives the same windows.
   * @throws TextTooShortError where not even one window (with its last target) fits. @throws ArgumentError
   */
  sample(key: RandomKey, batch: number, length: number): TokenBatch {
    wholeAndPositive("batch", batch);
    wholeAndPositive("context length", length);
    const starts = this.ids.length - length;
    if (starts < 1) {
      throw new TextTooShortError(
        `The text has ${this.ids.length} tokens, but a context of ${length} needs at least ${length + 1}`,
        {
          hint:
            this.ids.length < 2
              ? "Give more text."
              : `Set the context length to at most ${this.ids.length - 1}, or give more text.`,
        },
      );
    }
    const words = key.bits(new Uint32Array(batch));
    const inputs = new Int32Array(batch * length);
    const targets = new Int32Array(batch * length);
    for (let row = 0; row < batch; row++) {
      const start = Math.floor((words[row]! / 2 ** 32) * starts);
      inputs.set(this.ids.subarray(start, start + length), row * length);
      targets.set(this.ids.subarray(start + 1, start + 1 + length), row * length);
    }
    return { inputs, targets };
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
    const total = this.ids.length - 1;
    if (total < 1) {
      throw new TextTooShortError(
        `The text has ${this.ids.length} tokens, but at least 2 are needed to predict one from another`,
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
      inputs.set(this.ids.subarray(start, start + count));
      targets.set(this.ids.subarray(start + 1, start + 1 + count));
      yield { inputs, targets, mask: new Float32Array(size).fill(1, 0, count), count };
    }
  }
}
