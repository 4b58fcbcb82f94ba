/**
 * Whether a model that is asked in words shows what it was asked for: it draws a picture for the caption of a real one, and a classifier
 * says whether both are of the same class.
 */
import type { PictureSet } from "@atelier/data";
import type { RandomKey } from "@atelier/engine";
import { shareOf } from "../evaluation/metrics/bootstrap.js";
import { figureOf, type Measure } from "../evaluation/metrics/measure.js";
import { likeliestClasses } from "../evaluation/metrics/pictures/class-shares.js";
import { featureMatrix } from "../evaluation/metrics/pictures/feature-matrix.js";
import type { SampleFile } from "../training/subject.js";
import { nearestTo, type SampleExamination, setOf, sheetOf, someOf, stacked } from "./examine-samples.js";

/** Captions that are asked for, of held-out and of training pictures. */
const ASKED = 256;
/** On the sheet. */
const SHOWN = 16;
const COLUMNS = 8;

export interface AskedFor {
  readonly measures: readonly Measure[];
  readonly pictures: readonly SampleFile[];
}

/** Nothing where the model knows no words, or the extractor not the classes. */
export async function examineAskedFor(request: SampleExamination): Promise<AskedFor> {
  const { model, train, validation, extractor, key } = request;
  const known = (set: PictureSet): PictureSet =>
    set.select(
      Array.from({ length: set.length }, (_, i) => i).filter(
        (i) => set.captions[i] !== undefined && extractor.classes.includes(set.classes[set.labels[i]!] ?? ""),
      ),
    );
  const parts = [
    { title: "held-out", set: someOf(known(validation), ASKED, key.split("held-out captions")) },
    { title: "training", set: someOf(known(train), ASKED, key.split("training captions")) },
  ].filter(({ set }) => set.length > 0);
  if (model.captions === undefined || parts.length === 0) return { measures: [], pictures: [] };

  const measures: Measure[] = [];
  const pictures: SampleFile[] = [];
  for (const { title, set } of parts) {
    const stage = `drawing for ${title} captions`;
    const prompts = set.captions.map((caption) => caption ?? "");
    const drawn = await drawFor(prompts, { name: title, stage, key: request.key.split(stage) }, request);
    measures.push(await shareAsAsked(drawn, set, title, request));
    if (title !== "held-out") continue;
    const shown = Array.from({ length: Math.min(SHOWN, set.length) }, (_, i) => i);
    const says =
      "held-out pictures, under each what is drawn for its caption, and under that the training picture nearest to it";
    const some = drawn.select(shown);
    const rows = [shown.map((i) => set.picture(i)), shown.map((i) => drawn.picture(i)), nearestTo(some, request)];
    pictures.push(await sheetOf("asked-for.png", says, stacked(rows, COLUMNS), COLUMNS));
  }
  return { measures, pictures };
}

/** What is drawn for prompts of one's own, such as things that nobody has drawn before, each over the training picture nearest to it. */
export async function showPrompts(prompts: readonly string[], request: SampleExamination): Promise<SampleFile> {
  const how = { name: "prompt", stage: "drawing for prompts", key: request.key.split("prompts") };
  const drawn = await drawFor(prompts, how, request);
  const rows = [prompts.map((_, i) => drawn.picture(i)), nearestTo(drawn, request)];
  const says = `asked for in words, and under each the training picture nearest to it: ${prompts.join(", ")}`;
  return sheetOf("prompts.png", says, stacked(rows, COLUMNS), COLUMNS);
}

interface Drawing {
  /** What the pictures are called. */
  readonly name: string;
  readonly stage: string;
  readonly key: RandomKey;
}

/** A picture for each prompt. */
async function drawFor(
  prompts: readonly string[],
  { name, stage, key }: Drawing,
  { model, generator, signal, onProgress }: SampleExamination,
): Promise<PictureSet> {
  const values = await generator.generate({ count: prompts.length, prompts }, key, {
    signal,
    onProgress: (done, total) => onProgress?.(stage, done, total),
  });
  return setOf(model.codec.decode(values), name);
}

async function shareAsAsked(
  drawn: PictureSet,
  real: PictureSet,
  title: string,
  { extractor, signal, train }: SampleExamination,
): Promise<Measure> {
  const named = Array.from(real.labels, (label) => real.classes[label]!);
  const hits = async (set: PictureSet): Promise<boolean[]> => {
    const { probabilities } = await extractor.extract(set, { signal });
    if (probabilities === undefined)
      throw new Error(`${extractor.description} has classes, and gives no probabilities`);
    const found = likeliestClasses(featureMatrix(probabilities, extractor.classes.length));
    return named.map((name, i) => name === extractor.classes[found[i]!]);
  };
  const share = shareOf(await hits(drawn));
  const commonest = commonestClass(train);
  return {
    name: `class as asked, ${title} captions`,
    unit: "share",
    ...figureOf(share),
    samples: share.samples,
    protocol:
      `pictures drawn for the captions of ${title} pictures, one each, that fall into the class of the picture, by ${extractor.description}; ` +
      "interval: Wilson's",
    better: "higher",
    floor: figureOf(shareOf(await hits(real))),
    baseline: { name: `always ${commonest}`, ...figureOf(shareOf(named.map((name) => name === commonest))) },
  };
}

function commonestClass({ labels, classes }: PictureSet): string {
  const counts = new Float64Array(classes.length);
  for (const label of labels) if (label >= 0) counts[label]!++;
  return classes[counts.indexOf(Math.max(...counts))]!;
}
