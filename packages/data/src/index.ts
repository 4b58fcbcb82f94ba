/** Datasets and codecs: everything between files and tensors. */
export { type TokenBatch, TokenStream, type TokenWindows } from "./batches.js";
export { BpeCodec, type BpeTrainingOptions } from "./codecs/bpe.js";
export type { TrainingProgress } from "./codecs/bpe-train.js";
export { alphabetToBytes, bytesToAlphabet } from "./codecs/byte-alphabet.js";
export { CharacterCodec } from "./codecs/characters.js";
export { loadTextCodec } from "./codecs/load.js";
export { parseTokenizerJson } from "./codecs/tokenizer-json.js";
export type { DecodeOptions, EncodeOptions, StreamDecoder, TokensCodec, TokensSpec } from "./codecs/tokens-codec.js";
export { decodeText } from "./datasets/decode-text.js";
export type { DatasetDefinition, DatasetProgress, OpenOptions, PinnedPackage } from "./datasets/definition.js";
export { openTextDataset } from "./datasets/open.js";
export { knownDatasets } from "./datasets/registry.js";
export {
  type DatasetCard,
  describeDataset,
  fingerprint,
  type TextDataset,
  type TextDocument,
} from "./datasets/text-dataset.js";
export * from "./errors.js";
export { type Split, type SplitOptions, splitDocuments } from "./splits.js";
