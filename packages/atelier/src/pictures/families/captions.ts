/** The captions of pictures as models take them that are told in words what a picture shows, and can do without. */
import { CaptionWords, captionWordsSchema } from "@atelier/data";
import { hostTensor, type RandomKey } from "@atelier/engine";
import type { TokensCondition } from "@atelier/models";
import { z } from "zod";
import type { DiffusionModelSettings } from "../../recipe/diffusion-schema.js";
import type { Batch } from "../in-batches.js";
import type { HostRows } from "../row-pass.js";

/** The name of the condition that a batch carries the captions under. */
export const CAPTION = "caption";

/** What is saved of it: the words, and for which share of the pictures the caption is left out while learning. */
export const savedCaptionsSchema = captionWordsSchema.extend({ drop: z.number().min(0).max(1) });
type SavedCaptions = z.infer<typeof savedCaptionsSchema>;

/** Where a recipe is only weighed up, and the captions are not read: as if there were one word. */
const UNREAD = ["caption"];

/** @throws {ArgumentError} where the pictures have no captions */
export function knownCaptions(
  settings: DiffusionModelSettings["captions"],
  captions: readonly (string | undefined)[] = UNREAD,
): { readonly captions?: SavedCaptions } {
  if (settings === undefined) return {};
  const { drop, least, length } = settings;
  return { captions: { ...CaptionWords.of(captions, { length, least }).toJSON(), drop } };
}

/** One condition, or none where no captions are known. */
export const captionConditions = (saved: SavedCaptions | undefined): readonly TokensCondition[] =>
  saved === undefined
    ? []
    : [{ name: CAPTION, role: "tokens", vocabulary: saved.words.length, length: saved.length, drop: saved.drop }];

/** Captions of a batch as a model takes them; the empty prompt for none. Nothing where it knows no words. */
export function captionsOf(
  words: CaptionWords | undefined,
  captions: readonly (string | undefined)[],
  rows: number,
): HostRows {
  if (words === undefined) return {};
  const tokens = new Int32Array(rows * words.length).fill(-1);
  for (let row = 0; row < rows; row++) tokens.set(words.encode(captions[row] ?? "").tokens, row * words.length);
  return { [CAPTION]: hostTensor(tokens, [rows, words.length]) };
}

/** Captions of a training step, each with other phrases left out. @param key of the step */
export const variedCaptions = (
  words: CaptionWords,
  captions: readonly (string | undefined)[],
  key: RandomKey,
): readonly (string | undefined)[] =>
  captions.map((caption, i) => (caption === undefined ? undefined : words.vary(caption, key.at(i))));

/** The captions at the places of a batch. */
export const captionsAt = (
  captions: readonly (string | undefined)[],
  { indices }: Batch,
): readonly (string | undefined)[] => Array.from(indices, (i) => captions[i]);

/** What the input of an exported graph means. */
export const captionsInWords = (words: CaptionWords | undefined, rows: number): string =>
  words === undefined
    ? ""
    : `; ${CAPTION}: (${rows}, ${words.length}) int32, numbers of words of the caption, as model.json lists them, then −1`;
