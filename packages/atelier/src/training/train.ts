/**
 * The ways into a training: a new run from a recipe, or going on with one that was stopped or killed. Whatever can be refused is refused
 * here, before anything is written; the rest is `Training`'s.
 */
import { type TextDataset, TextTooShortError } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import { z } from "zod";
import { resolveRecipe } from "../recipe/resolve.js";
import type { Recipe } from "../recipe/schema.js";
import { NotFoundError, RunDirectory, readJson, writeJsonAtomic } from "../storage/index.js";
import { type CorpusOptions, openCorpus } from "./corpus.js";
import type { TrainOptions, TrainResult } from "./events.js";
import { defaultThreads, machineOf, versionsOf } from "./machine.js";
import { checkMemory } from "./memory.js";
import { paced } from "./pace.js";
import { gptConfiguration, repeatOf } from "./plan.js";
import { NonFiniteError } from "./trainer.js";
import { Training } from "./training.js";

export type { TrainEvent, TrainOptions, TrainResult } from "./events.js";

/** Trains from a recipe in a new run. */
export async function train(recipe: unknown, options: TrainOptions): Promise<TrainResult> {
  const asked = resolveRecipe(recipe);
  const { corpus, configuration, event } = await prepare(asked, options);
  const threads = options.threads ?? defaultThreads();
  const resolved =
    options.minutes === undefined
      ? asked
      : await paced(asked, options.minutes, corpus, configuration, { ...options, threads });
  const run = await RunDirectory.create(options.home, options.name ?? [corpus.dataset.name, resolved.family], {
    seed: resolved.seed,
    recipe: resolved,
    versions: await versionsOf(),
    machine: { ...machineOf(options.device ?? "cpu", threads), repeat: repeatOf(resolved, configuration) },
    data: { ...corpus.dataset.card },
    totalSteps: resolved.training.steps,
  });
  let empty = false;
  try {
    await writeJsonAtomic(run.paths.codec, corpus.codec.toJSON());
    return await new Training(run, resolved, corpus, configuration, { ...options, threads }, event).run();
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
  options: Omit<TrainOptions, "name" | "minutes">,
): Promise<TrainResult> {
  const run = await RunDirectory.open(options.home, nameOrPath);
  try {
    if (run.record.status === "finished") {
      throw new ArgumentError(`The run ${run.record.name} is finished, at step ${run.record.step}`, {
        hint: "Start a new run, with more steps if it should go further.",
      });
    }
    const resolved = resolveRecipe(run.record.recipe);
    const { fingerprint } = run.record.data;
    const inspect = ({ card }: TextDataset): void => {
      if (card.fingerprint === fingerprint) return;
      throw new ArgumentError(`The data of ${run.record.name} (${resolved.data}) has changed since the run began`, {
        hint: "Restore the files, or start a new run.",
      });
    };
    const codec = await savedCodec(run.paths.codec);
    const { corpus, configuration, event } = await prepare(resolved, options, { codec, inspect });
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
    return await new Training(run, resolved, corpus, configuration, { ...options, device, threads }, event).run();
  } finally {
    run.close();
  }
}

const deviceSchema = z.enum(["cpu", "webgpu", "cuda"]);

/** A run's codec; undefined of one that was killed before it had any, which then fits the same once more. */
const savedCodec = (path: string): Promise<unknown> =>
  readJson(path, z.unknown()).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });

async function prepare(recipe: Recipe, options: TrainOptions, before: Pick<CorpusOptions, "codec" | "inspect"> = {}) {
  const event = options.onEvent ?? (() => {});
  const corpus = await openCorpus(recipe, {
    ...before,
    home: options.home,
    signal: options.signal,
    onProgress: (progress) => event({ kind: "data", progress }),
  });
  const configuration = gptConfiguration(recipe.model, corpus.codec.spec.vocabulary);
  if (corpus.train.length <= configuration.context) {
    const most = corpus.train.length - 1;
    throw new TextTooShortError(
      `The text has ${corpus.train.length} tokens to train on, but a context of ${configuration.context} needs at least ${configuration.context + 1}`,
      { hint: most < 1 ? "Give more text." : `Give more text, or set model.context to at most ${most}.` },
    );
  }
  if ((options.device ?? "cpu") === "cpu") {
    const tight = checkMemory(recipe, configuration, repeatOf(recipe, configuration));
    if (tight !== undefined) event({ kind: "warning", message: tight });
  }
  return { corpus, configuration, event };
}
