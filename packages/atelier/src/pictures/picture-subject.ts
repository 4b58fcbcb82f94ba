/** Pictures as the subject of a training: a picture model over a collection. */
import { augment, ImageCodec } from "@atelier/data";
import { ArgumentError, hostTensor } from "@atelier/engine";
import { formatCount } from "../cli/format.js";
import { NEIGHBOURS } from "../evaluation/metrics/pictures/picture-measures.js";
import type { PictureRecipe } from "../recipe/schema.js";
import { picturesOf, type SubjectOptions } from "../training/open-subject.js";
import type { Subject } from "../training/subject.js";
import { openCollection, type PictureCollection } from "./collection.js";
import { openExtractor } from "./extractor.js";
import { pictureFamily } from "./families/index.js";
import { openLatents } from "./latents/open-latents.js";
import { checkPictureMemory, repeatFor } from "./memory.js";
import { Order } from "./order.js";
import { type Examined, PictureExaminer } from "./picture-examiner.js";
import { type GridModel, learntShape, type PictureModel } from "./picture-family.js";
import { pictureRows, type ValueRows } from "./value-rows.js";

/** Reads the data and makes a model over them. @throws typed errors of the data and the sizes */
export async function openPictureSubject(recipe: PictureRecipe, options: SubjectOptions): Promise<Subject> {
  const { home, signal, onProgress } = options;
  await checkExtractor(recipe, home);
  const data = picturesOf(options.data);
  const space = await openLatents(recipe, home, options.codec);
  // Which pictures are held out, or left out, is as it was for what makes the latents: neither has then seen them.
  const collection =
    space === undefined
      ? await openCollection(recipe, { ...options, data })
      : await openCollection({ ...space.recipe, data: recipe.data }, { ...options, data, codec: space.image.toJSON() });
  const { codec, classes, train } = collection;
  const latents = await space?.rows(train, {
    signal,
    onProgress: (done, total) => onProgress?.({ stage: "encode", unit: "pictures", done, total }),
  });
  const rows = latents ?? pictureRows(train, codec);
  const about = { codec, classes, train, ...(space === undefined ? {} : { latents: { space, train: rows } }) };
  return pictureSubject(recipe, collection, rows, pictureFamily(recipe.family).create(recipe, about), home);
}

/** What draws pictures is compared with real ones in the end: told before anything is trained. */
function checkNumbers({ train, validation }: PictureCollection, samples: number): void {
  if (Math.min(train.length, validation.length, samples) > NEIGHBOURS) return;
  throw new ArgumentError(
    `${train.length} pictures to train on, ${validation.length} held out and ${samples} samples: what the model draws cannot be compared, ` +
      `which takes more than ${NEIGHBOURS} of each`,
    {
      hint: "Give more pictures, hold out a larger share (--set validation=0.3), or draw more samples (--set evaluation.samples=500).",
    },
  );
}

/** What is missing is told of before anything is trained, and not at the end. @throws what `openExtractor` throws */
export async function checkExtractor({ evaluation }: Pick<PictureRecipe, "evaluation">, home: string): Promise<void> {
  const extractor = await openExtractor(evaluation.extractor, home, new ImageCodec({ size: 8 }), {});
  await extractor.release();
}

/**
 * @param rows what is learnt of the pictures to train on
 * @param home where a classifier to compare pictures by is looked for
 */
function pictureSubject(
  recipe: PictureRecipe,
  collection: PictureCollection,
  rows: ValueRows,
  model: GridModel,
  home: string,
): Subject {
  const { codec, train } = collection;
  const { batch, augmentation } = recipe.training;
  const { latents } = model;
  const common = subjectOf(recipe, collection, model, home);
  const { words } = common;
  return {
    ...common,
    codec: latents ?? codec,
    words: latents === undefined ? words : { ...words, codec: `${latents.description}; ${words.codec}` },
    unitsAStep: batch * recipe.training.accumulate,
    repeat: recipe.training.repeat ?? repeatFor(model, batch),
    batches: (key) => {
      const shape = [batch, ...learntShape(model)] as const;
      const order = new Order(train.length, key.split("order"));
      return (step) => {
        const indices = order.batch(step, batch);
        const x = rows.read(indices);
        const seen = augmentation === undefined ? x : augment(x, shape, augmentation, key.split("augment").at(step));
        return model.batch(
          hostTensor(seen, shape),
          Int32Array.from(indices, (index) => train.labels[index]!),
          { captions: Array.from(indices, (index) => train.captions[index]), key: key.split("captions").at(step) },
        );
      };
    },
    checkMemory: () => checkPictureMemory(recipe, model),
  };
}

/**
 * What a subject of pictures is, whether its model learns from them or from codes of them; steps and batches are not in it.
 * @throws {ArgumentError} where there are too few to compare with what the model draws
 */
export function subjectOf(
  recipe: Examined,
  collection: PictureCollection,
  model: PictureModel,
  home: string,
): Omit<Subject, "codec" | "unitsAStep" | "repeat" | "batches" | "checkMemory"> {
  const { card, codec, train, validation, split, curation } = collection;
  if (model.generator !== undefined) checkNumbers(collection, recipe.evaluation.samples);
  const [channels, height, width] = codec.spec.shape;
  const colours = { 1: "grey", 3: "colour", 4: "colour with opacity" }[channels] ?? `${channels} channels`;
  const form = `${width}×${height}, ${colours}`;
  const counted = `${formatCount(train.length)} pictures to train on, ${formatCount(validation.length)} held out`;
  const classes = train.classes.length === 0 ? "" : ` in ${formatCount(train.classes.length)} classes`;
  return {
    family: model.family,
    can: model.can,
    trainable: model.trainable,
    network: model.network,
    configuration: model.configuration,
    card,
    curation,
    unit: "pictures",
    words: {
      size: `${formatCount(card.pictures)} pictures${classes}`,
      codec: `${form}: ${counted} (${split})`,
      model: model.words,
      form,
      subtitle: `${model.family} on ${card.title}, ${form}`,
      data: `${formatCount(card.pictures)} pictures${classes}; ${counted} (${split}), at ${form} (resized with ${codec.settings.filter}).${curated(curation)}`,
      baseline: "fitting the baseline",
      caution:
        "What it makes are generated pictures: say so where you publish them. It knows nothing but its training pictures, and what is " +
        "one-sided in them is so in what it makes.",
      commands: [
        ...model.can.flatMap((ability) => COMMANDS[ability] ?? []),
        ...(model.coder === undefined ? [] : ["interpolate NAME a.png b.png --out between.gif"]),
      ],
    },
    examiner: (on) => new PictureExaminer(recipe, collection, model, { ...on, home }),
  };
}

const COMMANDS: Partial<Readonly<Record<PictureModel["can"][number], string>>> = {
  generate: "generate NAME -n 16 --out pictures.png",
  decode: "reconstruct NAME picture.png --out pair.png",
  score: "anomalies NAME ./pictures",
  upscale: "edit upscale NAME picture.png --out large.png",
};

function curated(report: PictureCollection["curation"]): string {
  if (report === undefined) return "";
  const gone = Object.entries(report.removed).map(
    ([reason, removed]) => `${reason.replaceAll("-", " ")} ${formatCount(removed?.pictures ?? 0)}`,
  );
  const removed = gone.length === 0 ? "" : `; removed: ${gone.join(", ")}`;
  return ` Curated: ${formatCount(report.output.pictures)} of ${formatCount(report.input.pictures)} pictures kept${removed}.`;
}
