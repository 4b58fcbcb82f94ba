/** From a dataset to token streams: curation, the split, the codec fitted on the training part alone, and the streams. */
import { createHash } from "node:crypto";
import {
  type CurationReport,
  type DataSource,
  type DatasetProgress,
  encodeDocuments,
  loadTextCodec,
  openTextDataset,
  splitDocuments,
  type TextCodec,
  type TextDataset,
  type TextDocument,
  type TextDocuments,
  TokenStream,
} from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import type { TextRecipe } from "../recipe/schema.js";
import { curateDataset } from "./curate-dataset.js";
import { fitCodec } from "./fit-codec.js";
import { cachedStreams } from "./token-cache.js";

export interface Corpus {
  /** As it was found, before curation. */
  readonly dataset: TextDataset;
  readonly codec: TextCodec;
  readonly train: TokenStream;
  readonly validation: TokenStream;
  /** Some of the documents held out, as text: the first of them, where the codec can fill gaps, which are then cut into them. */
  readonly heldOut: readonly TextDocument[];
  /** What curation took out, where the recipe asks for it. */
  readonly curation?: CurationReport;
}

export interface CorpusOptions {
  readonly home: string;
  /** Documents that a program has in hand, in place of the recipe's `data`. */
  readonly data?: DataSource | undefined;
  /** A codec fitted before, when a run goes on. */
  readonly codec?: unknown;
  /** Special tokens that the codec has to have beside its own. */
  readonly specials?: readonly string[] | undefined;
  /** Sees the dataset before the codec does, which could only complain of a character it does not know. */
  readonly inspect?: ((dataset: TextDataset) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

/** Texts of more bytes, and so perhaps as many tokens, are encoded into files. */
const bytesInMemory = 64_000_000;
/** Held-out text kept as text, in characters. */
const heldOutCharacters = 4_000_000;
/** In milliseconds: how long timers and signals wait at most. */
const longestHold = 50;

/** Opens, curates, splits and encodes. @throws typed errors of the dataset, the codec, the split and the disk. */
export async function openCorpus(recipe: TextRecipe, options: CorpusOptions): Promise<Corpus> {
  const { home, inspect, signal, onProgress } = options;
  const dataset = await openTextDataset(options.data ?? recipe.data, { home, signal, onProgress });
  inspect?.(dataset);
  if (recipe.curation === undefined) return { dataset, ...(await encodeDataset(dataset, recipe, options)) };
  const curated = await curateDataset(dataset, recipe.curation, { home, signal, onProgress });
  try {
    return { dataset, ...(await encodeDataset(curated.dataset, recipe, options)), curation: curated.report };
  } finally {
    await curated.remove();
  }
}

async function encodeDataset(
  dataset: TextDataset,
  recipe: TextRecipe,
  { home, codec: saved, specials = [], signal, onProgress }: CorpusOptions,
): Promise<Pick<Corpus, "codec" | "train" | "validation" | "heldOut">> {
  const parts = await splitDocuments(dataset, {
    validation: recipe.validation,
    key: RandomKey.fromSeed(recipe.seed).split("split"),
    signal,
  });
  const total = dataset.card.bytes;
  const watch = (stage: "fit" | "encode") => {
    let done = 0;
    return (documents: TextDocuments) =>
      watched(documents, signal, (bytes) => {
        done += bytes;
        onProgress?.({ stage, unit: "bytes", done, total });
      });
  };
  const fitting = watch("fit");
  const codec =
    saved !== undefined
      ? loadTextCodec(saved)
      : await fitCodec(
          recipe.codec,
          {
            train: () => fitting(parts.train),
            trainCharacters: dataset.card.characters * (1 - recipe.validation),
            all: () => fitting(dataset),
          },
          { specials, onProgress },
        );
  const heldOut = codec.fill === undefined ? [] : await beginningOf(parts.validation, signal);
  const encoding = watch("encode");
  if (total <= bytesInMemory) {
    return {
      codec,
      train: await TokenStream.fromDocuments(encoding(parts.train), codec),
      validation: await TokenStream.fromDocuments(encoding(parts.validation), codec),
      heldOut,
    };
  }
  const origin = [dataset.card.fingerprint, codec.toJSON(), recipe.validation, recipe.seed];
  const key = createHash("sha256").update(JSON.stringify(origin)).digest("hex").slice(0, 32);
  const streams = await cachedStreams(home, key, codec.spec.vocabulary, (part) =>
    encodeDocuments(encoding(parts[part]), codec),
  );
  return { codec, ...streams, heldOut };
}

async function beginningOf(documents: TextDocuments, signal: AbortSignal | undefined): Promise<TextDocument[]> {
  const first: TextDocument[] = [];
  let characters = 0;
  for await (const document of documents.documents(signal)) {
    first.push(document);
    characters += document.text.length;
    if (characters >= heldOutCharacters) break;
  }
  return first;
}

/** Documents as they pass: counted, stopped by the signal, and with a break now and then, in which timers and signals have their turn. */
async function* watched(
  documents: TextDocuments,
  signal: AbortSignal | undefined,
  passed: (bytes: number) => void,
): AsyncGenerator<TextDocument> {
  let heldSince = performance.now();
  for await (const document of documents.documents(signal)) {
    if (performance.now() - heldSince > longestHold) {
      await new Promise((resolve) => setImmediate(resolve));
      heldSince = performance.now();
    }
    signal?.throwIfAborted();
    yield document;
    passed(Buffer.byteLength(document.text));
  }
}
