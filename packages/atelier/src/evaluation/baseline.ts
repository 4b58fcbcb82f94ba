/** The n-gram model that stands beside every evaluation of a language model, over the same tokens. */
import { fitMarkov, type MarkovModel } from "@atelier/models";

/** Fits the baseline; its order is chosen on a held-out tail of the training text. */
export const fitBaseline = (tokens: Int32Array, vocabulary: number): MarkovModel => fitMarkov(tokens, { vocabulary });

/** `8-gram Kneser-Ney` */
export const baselineName = ({ order }: { readonly order: number }): string => `${order}-gram Kneser-Ney`;

/** How a loss compares with the baseline's, in words. */
export function verdict(
  model: { readonly bitsPerByte: number },
  baseline: { readonly bitsPerByte: number },
  name: string,
): string {
  const change = 100 * (1 - model.bitsPerByte / baseline.bitsPerByte);
  if (Math.abs(change) < 0.5) return `As good as the ${name}: ${model.bitsPerByte.toFixed(3)} bits per byte.`;
  return change > 0
    ? `Better than the ${name}: ${change.toFixed(1)} % fewer bits per byte (${model.bitsPerByte.toFixed(3)} against ${baseline.bitsPerByte.toFixed(3)}).`
    : `Not yet as good as the ${name}: ${(-change).toFixed(1)} % more bits per byte (${model.bitsPerByte.toFixed(3)} against ${baseline.bitsPerByte.toFixed(3)}). Train for longer, or give the model more width.`;
}
