/** Texts as vectors, and the nearest of them. */
import type { RunOptions } from "./generate.js";
import type { Model } from "./model.js";

/**
 * One vector of length 1 for each text; inner products of them are cosine similarities.
 *
 * @throws {AbilityError} for a model that cannot. @throws {ArgumentError} for an empty text.
 * @example
 * ```ts
 * const [query, ...vectors] = await embed(model, ["a ship in the night", ...lines]);
 * const [best] = nearestTo(query!, vectors);
 * console.log(lines[best!.index], best!.similarity);
 * ```
 */
export async function embed(
  model: Model,
  texts: readonly string[],
  { signal }: RunOptions = {},
): Promise<readonly Float32Array[]> {
  return model.tool("embedder").embed(texts, signal);
}

export interface Neighbour {
  readonly index: number;
  /** The cosine of the angle between the two. */
  readonly similarity: number;
}

/** All vectors, the most similar first. They have length 1, as those of `embed`. */
export function nearestTo(query: Float32Array, vectors: readonly Float32Array[]): Neighbour[] {
  return vectors
    .map((vector, index) => ({ index, similarity: vector.reduce((sum, value, i) => sum + value * query[i]!, 0) }))
    .sort((a, b) => b.similarity - a.similarity || a.index - b.index);
}
