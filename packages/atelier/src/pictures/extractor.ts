/**
 * What pictures are compared by, declared: a classifier that was trained here, an ONNX file from elsewhere, or the pixels themselves. None of
 * them is the Inception network of published figures, and none is called so: distances are comparable under one extractor alone.
 */
import type { ImageCodec, Picture, PictureSet } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import { withArticle } from "../cli/format.js";
import { classCounts } from "../evaluation/metrics/pictures/class-shares.js";
import { type FeatureMatrix, featureMatrix } from "../evaluation/metrics/pictures/feature-matrix.js";
import type { Placement } from "../families/text-family.js";
import { openModel } from "../model/load.js";
import { openOnnxExtractor } from "./onnx-extractor.js";
import type { PassOptions } from "./picture-family.js";
import { asPixels, pixelFeatures } from "./pixel-features.js";

export interface Features {
  /** (N, width) */
  readonly features: Float32Array;
  readonly width: number;
  /** (N, classes), where the extractor tells classes apart. */
  readonly probabilities?: Float32Array | undefined;
}

export interface Extractor {
  /** In words: `the classifier fashion-mnist-classifier (91.2 % …), 128 features`. */
  readonly description: string;
  /** How pictures come to its size: `none, 28×28 as they are`. */
  readonly resize: string;
  /** Names of the classes that it tells apart; empty where it does not. */
  readonly classes: readonly string[];
  extract(pictures: PictureSet, options?: PassOptions): Promise<Features>;
  release(): Promise<void>;
}

/** (N, width) */
export const matrixOf = ({ features, width }: Features): FeatureMatrix => featureMatrix(features, width);

/** How many pictures are in each class; undefined where the extractor does not tell classes apart. */
export const countsOf = ({ probabilities }: Features, { classes }: Extractor): number[] | undefined =>
  probabilities === undefined ? undefined : classCounts(featureMatrix(probabilities, classes.length));

/**
 * @param name `pixels`, a path that ends in `.onnx`, or the name or path of a classifier
 * @throws {NotFoundError} for a model that is not there. @throws {ArgumentError} for one that is no classifier
 */
export async function openExtractor(name: string, home: string, form: ImageCodec, on: Placement): Promise<Extractor> {
  if (name === "pixels") return pixelFeatures(form);
  if (name.endsWith(".onnx")) return openOnnxExtractor(name, form, on);
  const loaded = await openModel(home, name);
  if (loaded.medium !== "pictures" || loaded.model.embedder === undefined) {
    throw new ArgumentError(`Pictures cannot be compared by ${name}: it is ${withArticle(loaded.record.family)}`, {
      hint: "Name a classifier (train one with --family classifier), an .onnx file, or `pixels`.",
    });
  }
  const { model, record, state } = loaded;
  const embedder = model.embedder!(state, on);
  const own = resizeOf(model.codec, form);
  return {
    description: `the classifier ${record.name} of ${model.classes.length} classes, trained here on ${String(record.dataset.name)} (weights ${record.weights.sha256.slice(0, 12)}), ${embedder.width} features before its last layer`,
    resize: own.words,
    classes: model.classes,
    async extract(pictures, options) {
      const values = await asPixels(pictures, model.codec);
      const { features, probabilities } = await embedder.embed(values, options);
      return { features, width: embedder.width, probabilities };
    },
    release: () => embedder.release(),
  };
}

/** How pictures of one codec come to another's size, in words. */
export function resizeOf(to: ImageCodec, from: ImageCodec): { readonly same: boolean; readonly words: string } {
  const [channels, height, width] = to.spec.shape;
  const same = to.spec.shape.join() === from.spec.shape.join();
  return {
    same,
    words: same ? `none, ${width}×${height} as they are` : `${to.settings.filter} to ${width}×${height}×${channels}`,
  };
}

export type { Picture };
