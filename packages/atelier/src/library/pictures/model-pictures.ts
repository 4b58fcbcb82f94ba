/** The pictures that a model learnt from, those of the same data that it did not, and others. */
import { basename, isAbsolute } from "node:path";
import type { DatasetProgress, PictureCard, PictureSet, PictureSource } from "@atelier/data";
import { ArgumentError, RandomKey } from "@atelier/engine";
import { nearest } from "@atelier/engine/nearest";
import { type CollectionOptions, openCollection, openWhole } from "../../pictures/collection.js";
import { resolveRecipe } from "../../recipe/resolve.js";
import { isTextRecipe, type PictureRecipe } from "../../recipe/schema.js";
import type { Model } from "../model.js";
import type { InputData } from "./latent-requests.js";
import type { PictureRunOptions } from "./picture-tools.js";

/** @throws {ArgumentError} for a model of texts. @throws {RecipeError} where the model says nothing of its training that can be read */
function recipeOf(model: Model): PictureRecipe {
  const recipe = resolveRecipe(model.pictures.record.training.recipe);
  if (!isTextRecipe(recipe)) return recipe;
  throw new ArgumentError(`${model.name} says that it was trained on texts, and it is a model of pictures`);
}

const optionsFor = (
  model: Model,
  data: PictureSource | undefined,
  { signal, onProgress }: PictureRunOptions,
): CollectionOptions => ({
  home: model.home,
  data,
  codec: model.pictures.model.codec.toJSON(),
  signal,
  onProgress: ({ done, total }: DatasetProgress) => onProgress?.("reading pictures", done, total ?? done),
});

/** Whole data: nothing left out, nothing curated. */
const whole = ({ exclude: _, curation: __, ...recipe }: PictureRecipe): PictureRecipe => recipe;

export interface DividedPictures {
  readonly card: PictureCard;
  readonly train: PictureSet;
  readonly heldOut: PictureSet;
}

/**
 * A model's own data as its training divided them, or other data divided in the same way.
 * @param data in place of the model's own. @throws typed errors of the data
 */
export async function dividedPictures(
  model: Model,
  data: PictureSource | undefined,
  options: PictureRunOptions,
): Promise<DividedPictures> {
  const recipe = recipeOf(model);
  const { card, train, validation } = await openCollection(
    data === undefined ? recipe : whole(recipe),
    optionsFor(model, data, options),
  );
  return { card, train, heldOut: validation };
}

export interface UnseenPictures {
  readonly card: PictureCard;
  readonly pictures: PictureSet;
  /** What the model learnt from; undefined where that was not asked for. */
  readonly train: PictureSet | undefined;
  /** Which pictures these are, in words. */
  readonly words: string;
}

/**
 * Pictures to judge a model on: all of some data, or where they are those that it learnt from, only what it did not see of them: what was
 * held out, and the classes that its recipe excludes.
 * @param withTraining whether the model's own training pictures are needed as well. @throws typed errors of the data
 */
export async function unseenPictures(
  model: Model,
  data: PictureSource,
  withTraining: boolean,
  options: PictureRunOptions,
): Promise<UnseenPictures> {
  const recipe = recipeOf(model);
  const { record } = model.pictures;
  const everything = await openWhole(whole(recipe), optionsFor(model, data, options));
  const { card } = everything;
  const own = card.fingerprint === record.dataset.fingerprint;
  const learnt = optionsFor(model, own ? data : undefined, options);
  const train = own || withTraining ? (await openCollection(recipe, learnt)).train : undefined;
  if (!own) return { card, pictures: everything.all, train, words: `all pictures of ${card.name}` };
  // What curation took out are copies of what was learnt from, and the like.
  const { exclude: _, ...curated } = recipe;
  const { all } =
    recipe.curation === undefined ? everything : await openWhole(curated, optionsFor(model, data, options));
  const seen = new Set(train!.names);
  const pictures = all.select(Array.from(all.names.keys()).filter((i) => !seen.has(all.names[i]!)));
  return { card, pictures, train, words: `the pictures of ${card.name} that ${model.name} did not learn from` };
}

/** The number of a class. @throws {ArgumentError} naming the nearest */
export function classIn({ classes }: Pick<PictureSet, "classes">, name: string): number {
  const number = classes.indexOf(name);
  if (number >= 0) return number;
  const near = nearest(name, classes);
  throw new ArgumentError(`The pictures have no class "${name}"`, {
    hint: `${near === undefined ? "" : `Did you mean "${near}"? `}Their classes are: ${classes.join(", ") || "none"}.`,
  });
}

/** What provenance says of data: as they were asked for, without the folders of an absolute path. */
export const dataOf = (source: PictureSource | undefined, { fingerprint }: PictureCard): InputData => ({
  ...(typeof source === "string" ? { source: isAbsolute(source) ? basename(source) : source } : {}),
  fingerprint,
});

/** At most so many of a set, drawn evenly; always the same ones. */
export const someOf = (set: PictureSet, most: number, purpose: string): PictureSet =>
  set.length <= most
    ? set
    : set.select(RandomKey.fromSeed(0).split(purpose).permutation(set.length).slice(0, most).sort());
