/**
 * The `tokens` codec: things as rows of token ids. `TokensCodec` is what a model of tokens has to know of it, whatever the tokens stand
 * for; `TextCodec` is text as tokens, and back. Families, training and generation never ask which codec it is.
 */
import type { FillInTheMiddle } from "./fill-in-the-middle.js";

/** What a model needs to know of the tokens. */
export interface TokensSpec {
  /** Ids run from 0 to `vocabulary - 1`, special tokens included. */
  readonly vocabulary: number;
  /** Special tokens by their written form, for example `{ "<|endoftext|>": 8191 }`. */
  readonly specials: Readonly<Record<string, number>>;
  /** A stream is one endless row (text, code); items are separate short rows (molecules, bars of music). */
  readonly kind: "stream" | "items";
  /** The longest item, in tokens. Streams have none. */
  readonly maxLength?: number;
}

export interface EncodeOptions {
  /** Read special tokens written in the text (`<|endoftext|>`) as such; otherwise they are text like any other. Default false. */
  readonly specials?: boolean;
}

export interface DecodeOptions {
  /** Write special tokens out in their written form; otherwise they are left out. Default true. */
  readonly specials?: boolean;
}

/** Decodes token by token. */
export interface StreamDecoder {
  /** The text that has become certain with this token: never half a UTF-8 character, so often "". */
  push(id: number): string;
  /** What was still waiting; an unfinished character comes out as U+FFFD. */
  end(): string;
}

/** What a model of tokens needs of them. */
export interface TokensCodec {
  readonly kind: "tokens";
  /** Which codec this is. */
  readonly name: string;
  readonly spec: TokensSpec;
  /** Fill-in-the-middle, where the codec has the special tokens for it. */
  readonly fill?: FillInTheMiddle;
  /** Bytes of what the ids stand for, the denominator of bits per byte. Special tokens stand for nothing and count none. */
  bytesOf(ids: ArrayLike<number>): number;
  /** Everything needed to make this codec again. */
  toJSON(): Readonly<Record<string, unknown>>;
}

/** Text as tokens. `name` is what `loadTextCodec` knows it by; what `toJSON` writes, it makes a codec of again. */
export interface TextCodec extends TokensCodec {
  /** Text to ids. */
  encode(text: string, options?: EncodeOptions): Int32Array;
  /** Ids to text; bytes that are not UTF-8 come out as U+FFFD. @throws ArgumentError for an id outside the vocabulary. */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  /** Ids to the very bytes they stand for. @throws ArgumentError for an id outside the vocabulary. */
  decodeBytes(ids: ArrayLike<number>, options?: DecodeOptions): Uint8Array;
  streamDecoder(options?: DecodeOptions): StreamDecoder;
  /** The first tokens on one line, divided by "|" and with control characters escaped: `Call| me| Ish|mael|.` */
  preview(ids: ArrayLike<number>, limit?: number): string;
}
