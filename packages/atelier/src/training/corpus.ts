/** From a dataset to token streams: the split, the codec fitted on the training part alone, and the streams. */
import {
  BpeCodec,
  CharacterCodec,
  type DatasetProgress,
  loadTextCodec,
  openTextDataset,
  splitDocuments,
  type TextDataset,
  TokenStream,
  type TokensCodec,
} from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import type { Recipe } from "../recipe/schema.js";

export interface Corpus {
  readonly dataset: TextDataset;
  readonly codec: TokensCodec;
  readonly train: TokenStream;
  readonly validation: TokenStream;
}

export interface CorpusOptions {
  readonly home: string;
  /** A codec fitted before, when a run goes on. */
  readonly codec?: unknown;
  /** Sees the dataset before the codec does, which could only complain of a character it does not know. */
  readonly inspect?: ((dataset: TextDataset) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

/** Opens, splits and encodes. @throws typed errors of the dataset, the codec and the split. */
export async function openCorpus(
  recipe: Recipe,
  { home, codec: saved, inspect, signal, onProgress }: CorpusOptions,
): Promise<Corpus> {
  const dataset = await openTextDataset(recipe.data, {
    home,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  inspect?.(dataset);
  const { train, validation } = splitDocuments(dataset, {
    validation: recipe.validation,
    key: RandomKey.fromSeed(recipe.seed).split("split"),
  });
  const codec = saved === undefined ? fitCodec(recipe, dataset, train) : loadTextCodec(saved);
  return {
    dataset,
    codec,
    train: TokenStream.fromDocuments(train, codec),
    validation: TokenStream.fromDocuments(validation, codec),
  };
}

function fitCodec(recipe: Recipe, dataset: TextDataset, train: readonly { readonly text: string }[]): TokensCodec {
  if (recipe.codec.kind === "bpe") {
    return BpeCodec.train(
      train.map(({ text }) => text),
      { vocabulary: recipe.codec.vocabulary },
    );
  }
  // The alphabet is taken from the whole text: a character that occurs only in the held-out part must have a number too.
  return CharacterCodec.fromTexts(dataset.documents.map(({ text }) => text));
}
