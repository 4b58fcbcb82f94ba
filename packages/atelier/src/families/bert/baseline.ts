/** What a masked model has to beat: n-grams read from both sides of a hidden token. */
import type { TextCodec, TokenStream } from "@atelier/data";
import { fitBidirectional, type TransformerConfiguration } from "@atelier/models";
import { fittedOf, spread } from "../../evaluation/baseline.js";
import { emptyJudgement, type TextBaseline } from "../../evaluation/judgement.js";
import { hiddenIn, hiddenWindows, judgedPart } from "./hidden-windows.js";

export function bidirectionalBaseline(
  train: TokenStream,
  codec: TextCodec,
  configuration: TransformerConfiguration,
): TextBaseline {
  const { vocabulary, context } = configuration;
  const tokens = spread(train);
  const model = fitBidirectional(tokens, { vocabulary });
  return {
    name: `${model.order}-gram Kneser-Ney from both sides${fittedOf(tokens, train)}`,
    async judge(stream, { limit } = {}) {
      const part = judgedPart(stream, context, limit);
      const windows = Math.max(1, Math.floor(part.length / context));
      const judgement = emptyJudgement(windows);
      for (const hidden of hiddenWindows(part, codec, configuration, 1)) {
        const positions = hidden.masked.positions.data as Int32Array;
        const { count, bytes } = hiddenIn(hidden, 0, codec);
        const losses = model.score(hidden.tokens, positions.subarray(0, count));
        judgement.nats[hidden.first] = losses.reduce((sum, loss) => sum + loss, 0);
        judgement.counts[hidden.first] = count;
        judgement.bytes[hidden.first] = bytes;
      }
      return judgement;
    },
  };
}
