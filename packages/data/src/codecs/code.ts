/**
 * The codec for source code: byte-level BPE over pre-tokens that suit code (code-pre-tokens.ts), with the special tokens of
 * fill-in-the-middle, so that a model trained on it can complete a gap and not only an end.
 */
import { z } from "zod";
import { BpeCodec, bpeSchema } from "./bpe.js";
import { type BpeTrainingOptions, trainVocabulary } from "./bpe-train.js";
import { codePreTokens } from "./code-pre-tokens.js";
import { FillInTheMiddle, fillSpecials } from "./fill-in-the-middle.js";
import type { TextCodec } from "./tokens-codec.js";

export const codeSchema = bpeSchema.extend({ codec: z.literal("code"), preTokens: z.literal("code") });

export interface CodeTrainingOptions extends BpeTrainingOptions {
  /** Special tokens beside `<|endoftext|>` and those of fill-in-the-middle. Default: none. */
  readonly specials?: readonly string[];
}

export class CodeCodec extends BpeCodec implements TextCodec {
  override readonly name = "code";
  readonly fill: FillInTheMiddle;

  /** As for `BpeCodec`. @throws FormatError, also where a special token of fill-in-the-middle is not there. */
  constructor(
    tokens: readonly string[],
    merges: readonly (readonly [number, number])[],
    specials: Readonly<Record<string, number>>,
  ) {
    super(tokens, merges, specials, codePreTokens);
    this.fill = new FillInTheMiddle(this);
  }

  /** As `BpeCodec.train`, with the special tokens of fill-in-the-middle. */
  static override train(texts: Iterable<string>, options: CodeTrainingOptions): CodeCodec {
    const specials = [...fillSpecials, ...(options.specials ?? [])];
    return new CodeCodec(...trainVocabulary(texts, { ...options, specials }, codePreTokens));
  }

  override toJSON(): Readonly<Record<string, unknown>> {
    return { ...super.toJSON(), codec: "code", preTokens: "code" };
  }
}
