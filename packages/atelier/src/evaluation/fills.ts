/** How well a model fills gaps in source code that it has not seen, as measures beside what the n-gram writes there. */
import type { TextDocument } from "@atelier/data";
import type { RandomKey } from "@atelier/engine";
import type { TextGenerator, TextModel } from "../families/text-family.js";
import { type FillTask, fillTasks } from "./code/fill-tasks.js";
import { type FillJudgement, judgeFills } from "./code/judge-fills.js";
import type { TextBaseline } from "./judgement.js";
import { bootstrapDifference, bootstrapMean, type Interval, shareOf } from "./metrics/bootstrap.js";
import { figureOf, type Measure } from "./metrics/measure.js";

export interface FillRequest {
  readonly model: TextModel;
  readonly generator: TextGenerator;
  readonly baseline: TextBaseline;
  /** Held out, with their names: a file's ending says how it is parsed. */
  readonly documents: readonly TextDocument[];
  readonly key: RandomKey;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** How many gaps, and how many are filled side by side. */
const TASKS = 96;
const ROWS = 16;

/** @throws {TextTooShortError} where the documents have no line that could be left out. */
export async function fillMeasures(request: FillRequest): Promise<Measure[]> {
  const { model, documents, key } = request;
  const { context } = model.configuration;
  // A quarter of the context is for the middle, and the rest for what stands around it.
  const most = Math.floor(context / 4);
  const sample = model.codec.encode(documents.map(({ text }) => text.slice(0, 2000)).join("\n"));
  const charactersAToken = model.codec.decode(sample).length / sample.length;
  const characters = Math.max(64, Math.floor(context * charactersAToken * 0.8));
  const tasks = fillTasks(documents, { count: TASKS, key: key.split("tasks"), characters });
  const own = judgeFills(tasks, await fillsOf(request, tasks, most));
  const rival = judgeFills(
    tasks,
    tasks.map((task) => baselineFill(request, task, most)),
  );
  return measuresOf(tasks, own, rival, request);
}

async function fillsOf(
  { model, generator, key, signal, onProgress }: FillRequest,
  tasks: readonly FillTask[],
  most: number,
): Promise<string[]> {
  const { codec, configuration } = model;
  const fill = codec.fill!;
  const fills: string[] = [];
  for (let from = 0; from < tasks.length; from += ROWS) {
    const some = tasks.slice(from, from + ROWS);
    const prompts = some.map(({ prefix, suffix }) => fill.fillPrompt(prefix, suffix, configuration.context - most));
    const rows = some.map((): number[] => []);
    const settings = { temperature: 0, tokens: most, samples: 1, stop: fill.end };
    for await (const { row, token } of generator.generate(prompts, settings, key, signal)) rows[row]!.push(token);
    fills.push(...rows.map((ids) => codec.decode(ids, { specials: false })));
    onProgress?.(fills.length, tasks.length);
  }
  return fills;
}

/** The n-gram sees what stands before the gap, and goes on to the end of the line. */
function baselineFill({ model, baseline, key }: FillRequest, { prefix }: FillTask, most: number): string {
  const ids = model.codec.encode(prefix.slice(-256));
  const made = baseline.generate?.([...ids], most, 0, key) ?? [];
  return model.codec.decode(made, { specials: false }).split("\n")[0]!;
}

function measuresOf(
  tasks: readonly FillTask[],
  own: FillJudgement,
  rival: FillJudgement,
  { baseline, key }: FillRequest,
): Measure[] {
  const kinds = "single lines, several lines and random spans in turn";
  const protocol = `gaps in held-out files (${kinds}), filled by always taking the likeliest token`;
  const name = `${baseline.name}, to the end of the line`;
  const measure = (
    fields: Pick<Measure, "name" | "unit"> & { readonly how: string; readonly rival?: string },
    values: Interval,
    rivals: Interval,
    difference?: Interval,
  ): Measure => {
    const { how, rival: other = name, ...rest } = fields;
    return {
      ...rest,
      ...figureOf(values),
      samples: values.samples,
      protocol: `${protocol}; ${how}`,
      better: "higher",
      baseline: {
        name: other,
        ...figureOf(rivals),
        ...(difference === undefined ? {} : { difference: figureOf(difference) }),
      },
    };
  };
  const ones = new Float64Array(tasks.length).fill(1);
  const exact = (judgement: FillJudgement): Interval => shareOf(judgement.exactMatch.map((value) => value === 1));
  const difference = (of: (judgement: FillJudgement) => readonly number[]): Interval =>
    bootstrapDifference(of(own), of(rival), ones, key.split("difference"));
  const measures = [
    measure(
      { name: "fills that match", unit: "share", how: "equal to what was there but for white space at the end" },
      exact(own),
      exact(rival),
      difference((judgement) => judgement.exactMatch),
    ),
    measure(
      {
        name: "similarity of fills",
        unit: "share",
        how: "1 − edit distance over the longer of the two; interval: bootstrap",
      },
      bootstrapMean(own.editSimilarity, key.split("similarity")),
      bootstrapMean(rival.editSimilarity, key.split("similarity")),
      difference((judgement) => judgement.editSimilarity),
    ),
  ];
  const judged = (judgement: FillJudgement): boolean[] => judgement.parses.filter((parses) => parses !== undefined);
  if (judged(own).length > 0) {
    // Many a file still parses with nothing in the gap.
    const empty = judgeFills(
      tasks,
      tasks.map(() => ""),
    );
    const how = `with the fill in them, of those that parsed before (${own.notJudged} not judged)`;
    measures.push(
      measure(
        { name: "files that parse", unit: "share", how, rival: "an empty fill" },
        shareOf(judged(own)),
        shareOf(judged(empty)),
      ),
    );
  }
  return measures;
}
