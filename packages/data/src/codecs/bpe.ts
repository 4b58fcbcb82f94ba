/**
 * Byte-level byte-pair encoding, as in GPT-2: text is cut into pre-tokens, and the bytes of each are joined by ranked merges. Any
 * bytes can be encoded and come back unchanged. The codec is built on a vocabulary and a list of merges alone: whether they were
 * trained here (`BpeCodec.train`) or come from a file is all the same.
 *
 * Radford et al.: "Language Models are Unsupervised Multitask Learners" (2019), section 2.2.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { type BpeTrainingOptions, trainVocabulary } from "./bpe-train.js";
import { alphabetToBytes, bytesToAlphabet } from "./byte-alphabet.js";
import { PreTokenCache } from "./pre-token-cache.js";
import { type PreTokenise, preTokens } from "./pre-tokens.js";
import { type Merge, RankedMerges } from "./ranked-merges.js";
import { TableCodec } from "./table-codec.js";
import { splitAtSpecials, TokenTable } from "./token-table.js";
import type { EncodeOptions, TextCodec, TokensSpec } from "./tokens-codec.js";
import { invalidUntil, validUntil } from "./utf8.js";

export type { BpeTrainingOptions } from "./bpe-train.js";

const tokenId = z.int().nonnegative();

export const bpeSchema = z.object({
  kind: z.literal("tokens"),
  codec: z.literal("bpe"),
  preTokens: z.literal("gpt2"),
  /** By id, spelt in GPT-2's byte alphabet; special tokens as they are written. */
  tokens: z.array(z.string()).min(256),
  /** Pairs of ids in order of rank; a pair makes the token that both spell together. */
  merges: z.array(z.tuple([tokenId, tokenId])),
  specials: z.record(z.string().min(1), tokenId),
});

export class BpeCodec extends TableCodec implements TextCodec {
  readonly kind = "tokens";
  readonly name: string = "bpe";
  readonly spec: TokensSpec;
  private readonly tokens: readonly string[];
  private readonly merges: readonly (readonly [number, number])[];
  protected readonly table: TokenTable;
  private readonly ranked: RankedMerges;
  private readonly idOfByte: Int32Array;
  private readonly preTokenise: PreTokenise;
  private readonly cache = new PreTokenCache(1 << 16);
  private readonly utf8 = new TextEncoder();

  /**
   * `tokens[id]` spells a token in GPT-2's byte alphabet (special tokens are named in `specials`), `merges` are pairs of ids in order
   * of rank, and `preTokenise` cuts the text: a vocabulary belongs to the cut it was trained with.
   * @throws FormatError where a byte has no token, or a merge or special token names a token that is not there.
   */
  constructor(
    tokens: readonly string[],
    merges: readonly (readonly [number, number])[],
    specials: Readonly<Record<string, number>> = {},
    preTokenise: PreTokenise = preTokens,
  ) {
    super();
    this.preTokenise = preTokenise;
    this.tokens = tokens;
    this.merges = merges;
    const special = new Set(Object.values(specials));
    for (const [name, id] of Object.entries(specials)) {
      if (tokens[id] !== name)
        throw new FormatError(`The special token ${name} has id ${id}, where the vocabulary says otherwise`);
    }
    const idOf = new Map<string, number>();
    tokens.forEach((token, id) => {
      if (!special.has(id)) idOf.set(token, id);
    });
    this.idOfByte = Int32Array.from({ length: 256 }, (_, byte) => {
      const id = idOf.get(bytesToAlphabet(Uint8Array.of(byte)));
      if (id === undefined) {
        throw new FormatError(`The vocabulary has no token for the byte 0x${byte.toString(16).padStart(2, "0")}`, {
          hint: "Only byte-level vocabularies, which have a token for each of the 256 bytes, can encode any text.",
        });
      }
      return id;
    });
    const ranked = merges.map(([left, right], rank): Merge => {
      const [first, second] = [tokens[left], tokens[right]];
      const merged = first === undefined || second === undefined ? undefined : idOf.get(first + second);
      if (merged === undefined)
        throw new FormatError(`Merge ${rank} (tokens ${left} and ${right}) makes no token of the vocabulary`);
      return { left, right, merged };
    });
    this.ranked = new RankedMerges(ranked, tokens.length);
    this.spec = { vocabulary: tokens.length, specials, kind: "stream" };
    const bytes = tokens.map((token, id) => (special.has(id) ? this.utf8.encode(token) : alphabetToBytes(token)));
    this.table = new TokenTable(bytes, specials);
  }

  /**
   * Learns a vocabulary: ids 0–255 are the bytes, then one token a merge, then the special tokens. It comes out smaller than asked
   * where the text has no pair left that occurs twice. The same text always gives the same vocabulary (see bpe-train.ts).
   * @throws ArgumentError for a vocabulary too small for the bytes and special tokens. @throws EmptyTextError without text.
   */
  static train(texts: Iterable<string>, options: BpeTrainingOptions): BpeCodec {
    return new BpeCodec(...trainVocabulary(texts, options, preTokens));
  }

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const out = new IdWriter(text.length);
    const parts = options.specials === true ? splitAtSpecials(text, this.spec.specials) : [text];
    for (const part of parts) {
      if (typeof part === "number") out.one(part);
      else this.encodeText(part, out);
    }
    return out.finish();
  }

  /**
   * Encodes any bytes. Stretches that are valid UTF-8 are encoded as text, so for text the ids are those of `encode`; each stretch
   * between them is a pre-token of its own.
   */
  encodeBytes(bytes: Uint8Array): Int32Array {
    const out = new IdWriter(bytes.length);
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for (let at = 0; at < bytes.length; ) {
      const valid = validUntil(bytes, at);
      if (valid > at) this.encodeText(decoder.decode(bytes.subarray(at, valid)), out);
      at = invalidUntil(bytes, valid);
      if (at > valid) out.many(this.mergeBytes(bytes.subarray(valid, at)));
    }
    return out.finish();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      kind: "tokens",
      codec: "bpe",
      preTokens: "gpt2",
      tokens: [...this.tokens],
      merges: this.merges.map(([left, right]) => [left, right]),
      specials: { ...this.spec.specials },
    };
  }

  private encodeText(text: string, out: IdWriter): void {
    for (const preToken of this.preTokenise(text)) {
      let ids = this.cache.get(preToken);
      if (ids === undefined) {
        ids = this.mergeBytes(this.utf8.encode(preToken));
        this.cache.set(preToken, ids);
      }
      out.many(ids);
    }
  }

  private mergeBytes(bytes: Uint8Array): Int32Array {
    const ids = new Int32Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) ids[i] = this.idOfByte[bytes[i]!]!;
    return ids.slice(0, this.ranked.apply(ids));
  }
}

/** Collects ids in a buffer that doubles when it is full. */
class IdWriter {
  private buffer: Int32Array;
  private length = 0;

  constructor(expected: number) {
    this.buffer = new Int32Array(Math.max(16, expected >> 1));
  }

  one(id: number): void {
    this.reserve(1);
    this.buffer[this.length++] = id;
  }

  many(ids: Int32Array): void {
    this.reserve(ids.length);
    // Most pre-tokens are one or two ids: a loop beats `set`.
    for (let i = 0; i < ids.length; i++) this.buffer[this.length++] = ids[i]!;
  }

  finish(): Int32Array {
    return this.buffer.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = new Int32Array(Math.max(2 * this.buffer.length, this.length + more));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}
