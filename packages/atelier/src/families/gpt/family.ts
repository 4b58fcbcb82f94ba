/** The family `gpt` as the rest of the package sees it: next-token prediction over a stream of tokens. */
import { shiftedRows, type TextCodec, type TokenStream, type TokensCodec } from "@atelier/data";
import { hostTensor, input, type RandomKey } from "@atelier/engine";
import { gpt, gptLogits, type TransformerConfiguration } from "@atelier/models";
import { kneserNeyBaseline } from "../../evaluation/baseline.js";
import { GptGenerator } from "../../generation/generate.js";
import type { TextRecipe } from "../../recipe/schema.js";
import type { TextFamily, TextModel } from "../text-family.js";
import { GptFiller } from "./filler.js";
import { GptJudge } from "./judge.js";
import { GptScorer } from "./scorer.js";

export const gptFamily: TextFamily = {
  name: "gpt",
  can: ["generate", "score"],
  specials: [],
  at: (configuration, codec) => gptModel(configuration, codec),
};

function gptModel(configuration: TransformerConfiguration, codec: TextCodec): TextModel {
  const { context, vocabulary } = configuration;
  const { fill: middle } = codec;
  return {
    family: gptFamily,
    can: middle === undefined ? gptFamily.can : [...gptFamily.can, "fill"],
    configuration,
    codec,
    trainable: gpt(configuration),
    network: "gpt",
    predictionsARow: context,
    batches: (stream, { training }, key) => {
      const rows = rowsOf(stream, training, context + 1, codec.fill, key);
      return (step) => {
        const { inputs, targets } = shiftedRows(rows(step), context);
        const shape = [training.batch, context];
        return { inputs: hostTensor(inputs, shape), targets: hostTensor(targets, shape) };
      };
    },
    generator: (weights, options) => new GptGenerator(configuration, weights, options),
    filler:
      middle === undefined
        ? undefined
        : (weights, on) => new GptFiller(new GptGenerator(configuration, weights, on), codec, { middle, context }),
    scorer: (weights, on) => new GptScorer(configuration, codec, weights, on),
    forward: (scope, rows, length) =>
      gptLogits(scope, configuration, input("tokens", [rows, length], "int32")).reshape([rows, length, vocabulary]),
    judge: (on) => new GptJudge(configuration, codec, on),
    baseline: (train) => kneserNeyBaseline(train, codec, context),
  };
}

/** Tokens of the shortest part that a gap is made in. */
const SHORTEST_PART = 24;

/**
 * Rows of `length` tokens, (B, length); where the codec can, a share of them is made into gaps: parts of it are cut in three and
 * put together anew, so that the model learns to write a middle from what stands before and after it.
 */
function rowsOf(
  stream: TokenStream,
  { batch, fill: share }: TextRecipe["training"],
  length: number,
  fill: TokensCodec["fill"],
  key: RandomKey,
): (step: number) => Int32Array {
  if (fill === undefined || share === 0) return (step) => stream.rows(key.at(step), batch, length);
  return (step) => {
    const rows = stream.rows(key.at(step), batch, length);
    const draws = key.at(step).split("fill");
    for (let row = 0; row < batch; row++) {
      const draw = draws.at(row);
      if (draw.float64() >= share) continue;
      // Part after part, of any length: if middles always ended where rows do, their end would be learnt by counting, and a gap
      // in every row would teach little.
      const end = (row + 1) * length;
      for (let at = row * length, part = 0; end - at >= SHORTEST_PART; part++) {
        const cuts = draw.at(part);
        const size = SHORTEST_PART + cuts.split("length").integer(end - at - SHORTEST_PART + 1);
        rows.set(fill.rearrange(rows.subarray(at, at + size), cuts), at);
        at += size;
      }
    }
    return rows;
  };
}
