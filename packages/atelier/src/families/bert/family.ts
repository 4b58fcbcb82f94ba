/** The family `bert` as the rest of the package sees it: tokens are hidden, and named from what stands on both sides of them. */
import type { TextCodec, TokensCodec } from "@atelier/data";
import { ArgumentError, hostTensor, input } from "@atelier/engine";
import {
  bert,
  bertLogits,
  maskedPerRow,
  maskTokens,
  type SpecialTokens,
  type TransformerConfiguration,
} from "@atelier/models";
import type { TextFamily, TextModel } from "../text-family.js";
import { bidirectionalBaseline } from "./baseline.js";
import { BertEmbedder } from "./embedder.js";
import { BertFiller } from "./filler.js";
import { BertJudge } from "./judge.js";
import { BertScorer } from "./scorer.js";

/** Stands for a hidden token. */
export const MASK = "<|mask|>";

export const bertFamily: TextFamily = {
  name: "bert",
  can: ["fill", "score", "embed"],
  specials: [MASK],
  at: (configuration, codec) => bertModel(configuration, codec),
};

function bertModel(configuration: TransformerConfiguration, codec: TextCodec): TextModel {
  const special = specialTokens(codec);
  const { context, vocabulary } = configuration;
  return {
    family: bertFamily,
    can: bertFamily.can,
    configuration,
    codec,
    trainable: bert(configuration),
    network: "bert",
    predictionsARow: maskedPerRow(context),
    batches: (stream, { training: { batch, mask: share } }, key) => {
      return (step) => {
        const rows = hostTensor(stream.rows(key.at(step), batch, context), [batch, context]);
        return { ...maskTokens(rows, { ...special, vocabulary, share, key: key.at(step).split("mask") }) };
      };
    },
    judge: (on) => new BertJudge(configuration, codec, on),
    filler: (weights, on) => new BertFiller(configuration, codec, weights, on),
    scorer: (weights, on) => new BertScorer(configuration, codec, weights, on),
    embedder: (weights, on) => new BertEmbedder(configuration, codec, weights, on),
    forward: (scope, rows, length) => {
      const tokens = input("tokens", [rows, length], "int32");
      const visible = input("visible", [rows, length], "float32");
      return bertLogits(scope, configuration, tokens, { visible }).reshape([rows, length, vocabulary]);
    },
    baseline: (train) => bidirectionalBaseline(train, codec, configuration),
  };
}

/** The tokens that are never asked for. @throws {ArgumentError} for a codec that cannot hide anything. */
export function specialTokens({ spec }: Pick<TokensCodec, "spec">): SpecialTokens {
  const mask = spec.specials[MASK];
  if (mask === undefined) {
    throw new ArgumentError(`The codec has no ${MASK}, which a bert hides tokens behind`, {
      hint: "Let it be trained with the model: a codec of kind characters, bpe or code.",
    });
  }
  return { mask, specials: Object.values(spec.specials) };
}
