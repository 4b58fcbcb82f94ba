/** What models do with texts besides continuing them: fill gaps, say how probable a text is, turn it into a vector. */
import type { RandomKey } from "@atelier/engine";
import type { SamplingSettings } from "@atelier/models";

/** Something to put into a gap. */
export interface Filling {
  readonly text: string;
  /** Of its tokens under the model's own distribution, in nats. */
  readonly logProbability: number;
}

export interface FillSettings {
  /** How many fillings for every gap. */
  readonly choices: number;
  /** Where a filling is written token by token: the most tokens it has, by default a quarter of the context. */
  readonly tokens?: number | undefined;
  /** Where it is written token by token: how each is drawn. */
  readonly sampling: SamplingSettings;
}

export interface TextFiller {
  /**
   * @param parts what stands before, between and behind the gaps: one more than there are gaps
   * @returns for every gap its fillings, the most probable first
   * @throws {ArgumentError} for more gaps than it can fill, or a text that does not fit in its context
   */
  fill(
    parts: readonly string[],
    settings: FillSettings,
    key: RandomKey,
    signal?: AbortSignal,
  ): Promise<readonly (readonly Filling[])[]>;
  release(): Promise<void>;
}

export interface TextScore {
  /** −ln of the text's probability, or of what stands in for it. */
  readonly nats: number;
  /** How many tokens were predicted. */
  readonly tokens: number;
  /** Bytes of text that they stand for. */
  readonly bytes: number;
}

export interface TextScorer {
  /** A masked model has no probability of a whole text; the pseudo-log-likelihood ranks texts in its place. */
  readonly measure: "log-likelihood" | "pseudo-log-likelihood";
  /** @throws {TextTooShortError} where there is nothing to predict. */
  score(text: string, signal?: AbortSignal): Promise<TextScore>;
  release(): Promise<void>;
}

export interface TextEmbedder {
  /** One vector of length 1 for each text. @throws {ArgumentError} for a text without tokens. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Float32Array[]>;
  release(): Promise<void>;
}
