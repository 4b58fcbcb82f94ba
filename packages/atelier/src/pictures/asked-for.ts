/**
 * Whether a model that is asked in words shows what it was asked for: it draws a picture for the caption of a real one, and a classifier
 * says whether both are of the same class.
 */
import type { PictureSet } from "@atelier/data";
import { shareOf } from "../evaluation/metrics/bootstrap.js";
import { figureOf, type Measure } from "../evaluation/metrics/measure.js";
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
    const drawn = await drawFor(set, title, request);
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
  const { model, generator, key, signal, onProgress } = request;
  const values = await generator.generate({ count: prompts.length, prompts }, key.split("prompts"), {
    signal,
    onProgress: (done, total) => onProgress?.("drawing for prompts", done, total),
  });
  const drawn = setOf(model.codec.decode(values), "prompt");
  const rows = [prompts.map((_, i) => drawn.picture(i)), nearestTo(drawn, request)];
  const says = `asked for in words, and under each the training picture nearest to it: ${prompts.join(", ")}`;
  return sheetOf("prompts.png", says, stacked(rows, COLUMNS), COLUMNS);
}

/** A picture for each caption of a set. */
async function drawFor(set: PictureSet, title: string, request: SampleExamination): Promise<PictureSet> {
  const { model, generator, key, signal, onProgress } = request;
  const prompts = set.captions.map((caption) => caption ?? "");
  const stage = `drawing for ${title} captions`;
  const values = await generator.generate({ count: set.length, prompts }, key.split(stage), {
    signal,
    onProgress: (done, total) => onProgress?.(stage, done, total),
  });
  return setOf(model.codec.decode(values), title);
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
    const { length } = extractor.classes;
    return named.map(
      (name, i) => name === extractor.classes[largest(probabilities.subarray(i * length, (i + 1) * length))],
    );
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
  return classes[largest(counts)]!;
}

const largest = (values: Float32Array | Float64Array): number => values.indexOf(Math.max(...values));
