/** Datasets and codecs: everything between files and tensors. */
export {
  type DocumentTexts,
  encodeDocuments,
  shiftedRows,
  type TokenBatch,
  type TokenSource,
  TokenStream,
  type TokenWindows,
} from "./batches.js";
export { BpeCodec, type BpeTrainingOptions } from "./codecs/bpe.js";
export type { TrainingProgress } from "./codecs/bpe-train.js";
export { alphabetToBytes, bytesToAlphabet } from "./codecs/byte-alphabet.js";
export { CharacterCodec } from "./codecs/characters.js";
export { CodeCodec, type CodeTrainingOptions } from "./codecs/code.js";
export { FillInTheMiddle } from "./codecs/fill-in-the-middle.js";
export { loadTextCodec } from "./codecs/load.js";
export { parseTokenizerJson } from "./codecs/tokenizer-json.js";
export type {
  DecodeOptions,
  EncodeOptions,
  StreamDecoder,
  TextCodec,
  TokensCodec,
  TokensSpec,
} from "./codecs/tokens-codec.js";
export * from "./curation/index.js";
export type { DatasetDefinition, DatasetProgress, OpenOptions, PinnedPackage } from "./datasets/definition.js";
export { openTextDataset } from "./datasets/open.js";
export type { PictureDefinition } from "./datasets/picture-definition.js";
export { knownDatasets, knownPictures } from "./datasets/registry.js";
export {
  cardSchema,
  type DatasetCard,
  type DatasetOrigin,
  describeDataset,
  fingerprint,
  inMemory,
  type SkippedFile,
  type TextDataset,
  type TextDocument,
  type TextDocuments,
} from "./datasets/text-dataset.js";
export * from "./errors.js";
export { type Medium, mediumOf } from "./medium.js";
export * from "./pictures/index.js";
export { decodeText } from "./sources/decode-text.js";
export { type FileKind, kindOf } from "./sources/file-kinds.js";
export {
  type DataSource,
  dataSourceSchema,
  type FileSource,
  fileSourceSchema,
  type GivenSource,
} from "./sources/source.js";
export { type Split, type SplitOptions, splitDocuments } from "./splits.js";
export { TokenFile, writeTokenFile } from "./token-file.js";
