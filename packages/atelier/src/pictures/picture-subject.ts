/** Pictures as the subject of a training: a picture model over a collection. */
import { augment, ImageCodec } from "@atelier/data";
import { hostTensor } from "@atelier/engine";
import { formatCount } from "../cli/format.js";
import type { PictureRecipe } from "../recipe/schema.js";
import { picturesOf, type SubjectOptions } from "../training/open-subject.js";
import type { Subject } from "../training/subject.js";
import { openCollection, type PictureCollection } from "./collection.js";
import { openExtractor } from "./extractor.js";
import { pictureFamily } from "./families/index.js";
import { checkPictureMemory, repeatFor } from "./memory.js";
import { Order } from "./order.js";
import { PictureExaminer } from "./picture-examiner.js";
import type { GridModel, PictureModel } from "./picture-family.js";

/** Reads the data and makes a model over them. @throws typed errors of the data and the sizes */
export async function openPictureSubject(recipe: PictureRecipe, options: SubjectOptions): Promise<Subject> {
  await checkExtractor(recipe, options.home);
  const collection = await openCollection(recipe, { ...options, data: picturesOf(options.data) });
  const { codec, classes, train } = collection;
  return pictureSubject(
    recipe,
    collection,
    pictureFamily(recipe.family).create(recipe, { codec, classes, train }),
    options.home,
  );
}

/** What is missing is told of before anything is trained, and not at the end. @throws what `openExtractor` throws */
export async function checkExtractor({ evaluation }: Pick<PictureRecipe, "evaluation">, home: string): Promise<void> {
  const extractor = await openExtractor(evaluation.extractor, home, new ImageCodec({ size: 8 }), {});
  await extractor.release();
}

/** @param home where a classifier to compare pictures by is looked for */
export function pictureSubject(
  recipe: PictureRecipe,
  collection: PictureCollection,
  model: GridModel,
  home: string,
): Subject {
  const { codec, train } = collection;
  const { batch, augmentation } = recipe.training;
  return {
    ...subjectOf(recipe, collection, model, home),
    codec,
    unitsAStep: batch * recipe.training.accumulate,
    repeat: recipe.training.repeat ?? repeatFor(model, batch),
    batches: (key) => {
      const shape = [batch, ...codec.spec.shape] as const;
      const order = new Order(train.length, key.split("order"));
      return (step) => {
        const indices = order.batch(step, batch);
        const x = codec.encode(train.rows(indices));
        const seen = augmentation === undefined ? x : augment(x, shape, augmentation, key.split("augment").at(step));
        return model.batch(
          hostTensor(seen, shape),
          Int32Array.from(indices, (index) => train.labels[index]!),
        );
      };
    },
    checkMemory: () => checkPictureMemory(recipe, model),
  };
}

/** What a subject of pictures is, whether its model learns from them or from codes of them; steps and batches are not in it. */
export function subjectOf(
  recipe: Pick<PictureRecipe, "evaluation">,
  collection: PictureCollection,
  model: PictureModel,
  home: string,
): Omit<Subject, "codec" | "unitsAStep" | "repeat" | "batches" | "checkMemory"> {
  const { card, codec, train, validation, split, curation } = collection;
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
};

function curated(report: PictureCollection["curation"]): string {
  if (report === undefined) return "";
  const gone = Object.entries(report.removed).map(
    ([reason, removed]) => `${reason.replaceAll("-", " ")} ${formatCount(removed?.pictures ?? 0)}`,
  );
  const removed = gone.length === 0 ? "" : `; removed: ${gone.join(", ")}`;
  return ` Curated: ${formatCount(report.output.pictures)} of ${formatCount(report.input.pictures)} pictures kept${removed}.`;
}
