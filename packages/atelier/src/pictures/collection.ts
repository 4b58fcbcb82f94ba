/** From a dataset to pictures of one size to train on and others that are held out: decoding, curation, the split, and the codec. */
import {
  commonForm,
  curatePictures,
  type DatasetProgress,
  ImageCodec,
  loadGridCodec,
  loadPictures,
  openPictures,
  type PictureCard,
  type PictureCurationReport,
  type PictureSet,
  type PictureSource,
} from "@atelier/data";
import { ArgumentError, RandomKey } from "@atelier/engine";
import type { PictureRecipe } from "../recipe/schema.js";

/** Pictures of one size, not divided. */
export interface WholeCollection {
  /** As the data were found; what could not be decoded stands under `skipped`. */
  readonly card: PictureCard;
  readonly codec: ImageCodec;
  readonly classes: readonly string[];
  readonly all: PictureSet;
  /** What curation took out, where the recipe asks for it. */
  readonly curation?: PictureCurationReport | undefined;
}

export interface PictureCollection extends WholeCollection {
  readonly train: PictureSet;
  readonly validation: PictureSet;
  /** Where the held-out pictures come from, in words. */
  readonly split: string;
}

export interface CollectionOptions {
  readonly home: string;
  /** Pictures that a program has in hand, in place of the recipe's `data`. */
  readonly data?: PictureSource | undefined;
  /** The codec of a model or a run that is there. */
  readonly codec?: unknown;
  readonly inspect?: ((card: PictureCard) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

/** Pictures as large as this, or smaller, are taken as they are where all have one size. */
const LARGEST_AS_IT_IS = 64;
const SIZE = 32;

/** @throws typed errors of the dataset, the codec and the disk; {ArgumentError} where too few pictures are left to hold some out. */
export async function openCollection(recipe: PictureRecipe, options: CollectionOptions): Promise<PictureCollection> {
  const whole = await openWhole(recipe, options);
  return { ...whole, ...divide(whole.all, recipe) };
}

/** All pictures that a recipe asks for. @throws typed errors of the dataset, the codec and the disk */
export async function openWhole(recipe: PictureRecipe, options: CollectionOptions): Promise<WholeCollection> {
  const { home, inspect, signal, onProgress } = options;
  const dataset = await openPictures(options.data ?? recipe.data, { home, signal, onProgress });
  inspect?.(dataset.card);
  const codec = options.codec === undefined ? await codecFor(recipe, dataset.records) : loadGridCodec(options.codec);
  const { set: decoded, skipped, notes } = await loadPictures(dataset, codec.settings, { home, signal, onProgress });
  const card: PictureCard = {
    ...dataset.card,
    ...(skipped.length === 0 ? {} : { skipped: [...(dataset.card.skipped ?? []), ...skipped] }),
    ...(notes.length === 0
      ? {}
      : { notes: [...(dataset.card.notes ?? []), ...notes.map(({ note, count }) => `${count} × ${note}`)] }),
  };
  const set = without(decoded, recipe.exclude ?? []);
  if (recipe.curation === undefined) return { card, codec, classes: set.classes, all: set };
  const { keep, report } = await curatePictures(set, recipe.curation, {
    skipped,
    signal,
    onProgress: ({ pictures }) =>
      onProgress?.({ stage: "curate", unit: "pictures", done: pictures, total: set.length }),
  });
  return { card, codec, classes: set.classes, curation: report, all: set.select(keep) };
}

type Records = Parameters<typeof commonForm>[0];

async function codecFor({ codec: { size, channels, ...rest } }: PictureRecipe, records: Records): Promise<ImageCodec> {
  const form = await commonForm(records);
  const small = form.size !== undefined && Math.max(...form.size) <= LARGEST_AS_IT_IS;
  return new ImageCodec({
    size: size ?? (form.size !== undefined && small ? [form.size[0], form.size[1]] : SIZE),
    channels: channels ?? form.channels,
    ...rest,
  });
}

/** The pictures of all classes but these. @throws {ArgumentError} for a class that is not there */
function without(set: PictureSet, excluded: readonly string[]): PictureSet {
  if (excluded.length === 0) return set;
  for (const name of excluded) {
    if (set.classes.includes(name)) continue;
    throw new ArgumentError(`The pictures have no class "${name}"`, {
      hint: `Their classes are: ${set.classes.join(", ") || "none"}.`,
    });
  }
  const numbers = new Set(excluded.map((name) => set.classes.indexOf(name)));
  return set.select(Array.from({ length: set.length }, (_, i) => i).filter((i) => !numbers.has(set.labels[i]!)));
}

/** By the dataset's own division where it has one, else at random by the seed. */
function divide(
  set: PictureSet,
  { validation: share, seed }: PictureRecipe,
): Pick<PictureCollection, "train" | "validation" | "split"> {
  const places = Array.from({ length: set.length }, (_, i) => i);
  const [train, test] = [
    places.filter((i) => set.splits[i] !== "test"),
    places.filter((i) => set.splits[i] === "test"),
  ];
  if (test.length > 0 && train.length > 0) {
    return { train: set.select(train), validation: set.select(test), split: "the dataset's own test part" };
  }
  const held = Math.round(share * set.length);
  if (held < 1 || set.length - held < 1) {
    throw new ArgumentError(`${set.length} pictures are too few to hold some of them out`, {
      hint: "Give more pictures, or a larger share: --set validation=0.5",
    });
  }
  const shuffled = RandomKey.fromSeed(seed).split("split").permutation(set.length);
  return {
    train: set.select(shuffled.slice(held).sort()),
    validation: set.select(shuffled.slice(0, held).sort()),
    split: `${held} of ${set.length} pictures, drawn by the seed`,
  };
}
