/**
 * The ways into a training: a new run from a recipe, or going on with one that was stopped or killed. Whatever can be refused is refused
 * here, before anything is written; the rest is `Training`'s.
 */
import { type TextDataset, TextTooShortError } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import { z } from "zod";
import { familyNamed } from "../families/index.js";
import type { TextModel, Weights } from "../families/text-family.js";
import { transformerConfiguration } from "../families/transformer-settings.js";
import { resolveRecipe } from "../recipe/resolve.js";
import type { Recipe } from "../recipe/schema.js";
import { atelierHome, NotFoundError, RunDirectory, readJson, writeJsonAtomic } from "../storage/index.js";
import { type Corpus, type CorpusOptions, openCorpus } from "./corpus.js";
import type { FullTrainOptions, TrainEvent, TrainOptions, TrainResult } from "./events.js";
import { initialWeights, startingPoint } from "./from.js";
import { defaultThreads, machineOf, versionsOf } from "./machine.js";
import { checkMemory } from "./memory.js";
import { paced } from "./pace.js";
import { repeatOf } from "./plan.js";
import { NonFiniteError } from "./trainer.js";
import { Training } from "./training.js";

export type { TrainEvent, TrainOptions, TrainResult } from "./events.js";

/**
 * Trains from a recipe in a new run.
 *
 * @throws {RecipeError} and typed errors of the data, before anything is written. @throws {NonFiniteError} @throws {DiskFullError} with
 * what is left and how to go on
 * @example
 * ```ts
 * const { run, evidence } = await train({ data: "./texts", training: { steps: 2000 } });
 * console.log(evidence?.verdict?.summary);
 * const model = await load(run);
 * ```
 */
export async function train(recipe: unknown, given: TrainOptions = {}): Promise<TrainResult> {
  const options = complete(given);
  const { asked, start } = await startingPoint(recipe, options.home);
  const prepared = await prepare(asked, options, start === undefined ? {} : { codec: start.codec });
  const { corpus, model, event } = prepared;
  const threads = options.threads ?? defaultThreads();
  const resolved =
    options.minutes === undefined ? asked : await paced(asked, options.minutes, corpus, model, { ...options, threads });
  const run = await RunDirectory.create(options.home, options.name ?? [corpus.dataset.name, resolved.family], {
    seed: resolved.seed,
    recipe: resolved,
    versions: await versionsOf(),
    machine: { ...machineOf(options.device ?? "cpu", threads), repeat: repeatOf(resolved, model) },
    data: { ...corpus.dataset.card },
    totalSteps: resolved.training.steps,
  });
  let empty = false;
  try {
    await writeJsonAtomic(run.paths.codec, corpus.codec.toJSON());
    const initial = async (): Promise<Weights | undefined> => start?.weights;
    return await new Training({
      run,
      recipe: resolved,
      corpus,
      model,
      initial,
      options: { ...options, threads },
      event,
    }).run();
  } catch (error) {
    empty = !(error instanceof NonFiniteError) && (await run.isEmpty().catch(() => false));
    throw error;
  } finally {
    // Where not a single step was made (a device that is not there), nothing is left behind.
    if (empty) await run.discard();
    else run.close();
  }
}

/** Goes on with a run that was stopped or killed, from its newest sound checkpoint. */
export async function resume(
  nameOrPath: string,
  given: Omit<TrainOptions, "name" | "minutes"> = {},
): Promise<TrainResult> {
  const options = complete(given);
  const run = await RunDirectory.open(options.home, nameOrPath);
  try {
    if (run.record.status === "finished") {
      throw new ArgumentError(`The run ${run.record.name} is finished, at step ${run.record.step}`, {
        hint: `To train its model further: atelier train DATA --from ${run.record.name}`,
      });
    }
    const recipe = resolveRecipe(run.record.recipe);
    const { fingerprint } = run.record.data;
    const inspect = ({ card }: Pick<TextDataset, "card">): void => {
      if (card.fingerprint === fingerprint) return;
      throw new ArgumentError(
        `The data of ${run.record.name} (${nameOfData(recipe)}) has changed since the run began`,
        {
          hint: "Restore the files, or start a new run.",
        },
      );
    };
    const codec = await savedCodec(run.paths.codec);
    const { corpus, model, event } = await prepare(recipe, options, { codec, inspect });
    await writeJsonAtomic(run.paths.codec, corpus.codec.toJSON());
    if (run.record.status === "failed") {
      const message = `${run.record.name} failed before: ${run.record.failure ?? "unknown"}; with the same settings it will again`;
      event({ kind: "warning", message });
    }
    const recorded = run.record.machine;
    const threads = options.threads ?? (typeof recorded.threads === "number" ? recorded.threads : defaultThreads());
    const device = options.device ?? deviceSchema.catch("cpu").parse(recorded.device);
    for (const [what, now] of Object.entries({ ...(await versionsOf()), threads: String(threads), device })) {
      const then = what in run.record.versions ? run.record.versions[what] : String(recorded[what] ?? now);
      if (then !== now) {
        event({
          kind: "warning",
          message: `${what} was ${then} and is ${now}: the result may differ in its last bits`,
        });
      }
    }
    const initial = (): Promise<Weights | undefined> => initialWeights(recipe, options.home);
    return await new Training({
      run,
      recipe,
      corpus,
      model,
      initial,
      options: { ...options, device, threads },
      event,
    }).run();
  } finally {
    run.close();
  }
}

/** As people gave it. */
const nameOfData = ({ data }: Recipe): string =>
  [data]
    .flat()
    .map((source) => (typeof source === "string" ? source : source.path))
    .join(", ");

const complete = (options: TrainOptions): FullTrainOptions => ({ ...options, home: options.home ?? atelierHome() });

const deviceSchema = z.enum(["cpu", "webgpu", "cuda"]);

/** A run's codec; undefined of one that was killed before it had any, which then fits the same once more. */
const savedCodec = (path: string): Promise<unknown> =>
  readJson(path, z.unknown()).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });

interface Prepared {
  readonly corpus: Corpus;
  readonly model: TextModel;
  readonly event: (event: TrainEvent) => void;
}

async function prepare(
  recipe: Recipe,
  options: FullTrainOptions,
  before: Pick<CorpusOptions, "codec" | "inspect"> = {},
): Promise<Prepared> {
  const event = options.onEvent ?? (() => {});
  const family = familyNamed(recipe.family);
  const corpus = await openCorpus(recipe, {
    ...before,
    home: options.home,
    data: options.data,
    specials: family.specials,
    signal: options.signal,
    onProgress: (progress) => event({ kind: "data", progress }),
  });
  const configuration = transformerConfiguration(recipe, corpus.codec.spec.vocabulary);
  const model = family.at(configuration, corpus.codec);
  if (corpus.train.length <= configuration.context) {
    const most = corpus.train.length - 1;
    throw new TextTooShortError(
      `The text has ${corpus.train.length} tokens to train on, but a context of ${configuration.context} needs at least ${configuration.context + 1}`,
      { hint: most < 1 ? "Give more text." : `Give more text, or set model.context to at most ${most}.` },
    );
  }
  if ((options.device ?? "cpu") === "cpu") {
    const tight = checkMemory(recipe, model, repeatOf(recipe, model));
    if (tight !== undefined) event({ kind: "warning", message: tight });
  }
  return { corpus, model, event };
}
