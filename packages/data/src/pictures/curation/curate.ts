/**
 * Pictures in, fewer and cleaner pictures out, in one pass. Filters that look at a picture alone come first, then copies, so that what a
 * copy is removed in favour of is itself kept: the first of them.
 */
import { createHash } from "node:crypto";
import { ExactDuplicateIndex } from "../../curation/exact-duplicates.js";
import type { SkippedFile } from "../../datasets/text-dataset.js";
import type { Picture } from "../picture.js";
import type { PictureSet } from "../picture-set.js";
import { objectionTo } from "./filters.js";
import { HammingIndex } from "./hamming-index.js";
import { perceptualHash } from "./perceptual-hash.js";
import { type PictureCurationReport, type RemovedPicture, reportOf } from "./report.js";
import type { PictureCuration } from "./settings.js";
import { similarity, standardised } from "./similarity.js";
import { thumbnail } from "./thumbnail.js";

export interface CuratePicturesOptions {
  /** Pictures that could not be decoded: counted among those read, and reported as broken. */
  readonly skipped?: readonly SkippedFile[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly pictures: number; readonly kept: number }) => void) | undefined;
}

/** A removed picture, and the one that is kept instead of it. */
export interface PictureCopy {
  readonly index: number;
  readonly kept: number;
  /** From 0 to 1; 1 where every pixel is the same. */
  readonly similarity: number;
}

export interface CuratedPictures {
  /** Indices into the set, in ascending order: `set.select(keep)` is what stays. */
  readonly keep: Int32Array;
  /** The copies among what was removed, in their order. */
  readonly copies: readonly PictureCopy[];
  readonly report: PictureCurationReport;
}

/** Pictures that are looked at without a break: between, timers and signals have their turn. */
const sliceLength = 256;

/**
 * What of a set should stay, and why the rest should not. Copies are told from what the set holds, so pictures that are equal once they
 * are of its size are exact copies. The same set and settings give the same outcome.
 *
 * @throws the signal's reason where it is aborted.
 *
 * @example
 * const { keep, report } = await curatePictures(set, pictureCurationSchema.parse({ minSide: 64 }));
 * const curated = set.select(keep);
 */
export async function curatePictures(
  set: PictureSet,
  settings: PictureCuration,
  { skipped = [], signal, onProgress }: CuratePicturesOptions = {},
): Promise<CuratedPictures> {
  const copyOf = copyFinder(settings);
  const keep: number[] = [];
  const copies: PictureCopy[] = [];
  const removals: RemovedPicture[] = skipped.map(({ file, reason }) => ({
    reason: "broken",
    name: file,
    found: reason,
  }));
  for (let index = 0; index < set.length; index++) {
    if (index % sliceLength === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      onProgress?.({ pictures: index, kept: keep.length });
    }
    const picture = set.picture(index);
    const name = set.names[index]!;
    const objection = objectionTo(picture, set.originals[2 * index]!, set.originals[2 * index + 1]!, settings);
    if (objection !== undefined) {
      removals.push({ name, ...objection });
      continue;
    }
    const copy = copyOf(picture, index);
    if (copy === undefined) {
      keep.push(index);
      continue;
    }
    const { reason, kept, similarity } = copy;
    copies.push({ index, kept, similarity });
    removals.push({ reason, name, kept: set.names[kept]!, similarity });
  }
  onProgress?.({ pictures: set.length, kept: keep.length });
  return { keep: Int32Array.from(keep), copies, report: reportOf(settings, keep.length, removals) };
}

interface FoundCopy {
  readonly reason: "exact-duplicate" | "near-duplicate";
  /** Index of the earlier picture. */
  readonly kept: number;
  readonly similarity: number;
}

/** Asked about picture after picture, gives the earlier one that it is a copy of; where there is none, it is noted for those to come. */
function copyFinder({
  exact,
  near,
  distance,
}: PictureCuration): (picture: Picture, index: number) => FoundCopy | undefined {
  const twins = new ExactDuplicateIndex();
  const hashes = new HammingIndex(distance);
  /** Of what is in `hashes`, by its number there. */
  const noted: { readonly index: number; readonly outline: Float32Array }[] = [];

  /** The most similar of the pictures noted, where it is as similar as `least`; of equals the first. */
  const mostSimilar = (outline: Float32Array, candidates: readonly number[], least: number): FoundCopy | undefined => {
    let best: FoundCopy | undefined;
    for (const candidate of candidates) {
      const other = noted[candidate]!;
      const alike = similarity(outline, other.outline);
      if (alike < least || (best !== undefined && alike <= best.similarity)) continue;
      best = { reason: "near-duplicate", kept: other.index, similarity: alike };
    }
    return best;
  };

  return (picture, index) => {
    const digest = createHash("sha1").update(picture.data).digest();
    const [high, low] = [digest.readUInt32LE(0), digest.readUInt32LE(4)];
    const twin = exact ? twins.find(high, low) : undefined;
    if (twin !== undefined) return { reason: "exact-duplicate", kept: twin, similarity: 1 };
    let copy: FoundCopy | undefined;
    if (near !== false) {
      const small = thumbnail(picture);
      const hash = perceptualHash(small);
      const outline = standardised(small);
      copy = mostSimilar(outline, hashes.find(hash), near);
      if (copy === undefined) {
        hashes.add(hash);
        noted.push({ index, outline });
      }
    }
    // A copy of the copy is then found at once.
    if (exact) twins.add(high, low, copy?.kept ?? index);
    return copy;
  };
}
