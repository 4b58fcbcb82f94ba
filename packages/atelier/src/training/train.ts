/**
 * The ways into a training: a new run from a recipe, or going on with one that was stopped or killed. Whatever can be refused is refused
 * here, before anything is written; the rest is `Training`'s.
 */
import { ArgumentError } from "@atelier/engine";
import { z } from "zod";
import { resolveRecipe } from "../recipe/resolve.js";
import type { Recipe } from "../recipe/schema.js";
import { atelierHome, NotFoundError, RunDirectory, readJson, writeJsonAtomic } from "../storage/index.js";
import type { FullTrainOptions, TrainEvent, TrainOptions, TrainResult } from "./events.js";
import { initialState, startingPoint } from "./from.js";
import { defaultThreads, machineOf, versionsOf } from "./machine.js";
import { openSubject, type SubjectOptions } from "./open-subject.js";
import { paced } from "./pace.js";
import type { ModelState, Subject, SubjectCard } from "./subject.js";
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
  const { subject, event } = prepared;
  const threads = options.threads ?? defaultThreads();
  const resolved =
    options.minutes === undefined ? asked : await paced(asked, options.minutes, subject, { ...options, threads });
  const run = await RunDirectory.create(options.home, options.name ?? [subject.card.name, resolved.family], {
    seed: resolved.seed,
    recipe: resolved,
    versions: await versionsOf(),
    machine: { ...machineOf(options.device ?? "cpu", threads), repeat: subject.repeat },
    data: { ...subject.card },
    totalSteps: resolved.training.steps,
  });
  let empty = false;
  try {
    await writeJsonAtomic(run.paths.codec, subject.codec.toJSON());
    const initial = async (): Promise<ModelState | undefined> => start?.state;
    return await new Training({
      run,
      recipe: resolved,
      subject,
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
    const inspect = (card: Pick<SubjectCard, "fingerprint">): void => {
      if (card.fingerprint === fingerprint) return;
      throw new ArgumentError(
        `The data of ${run.record.name} (${nameOfData(recipe)}) has changed since the run began`,
        {
          hint: "Restore the files, or start a new run.",
        },
      );
    };
    const codec = await savedCodec(run.paths.codec);
    const { subject, event } = await prepare(recipe, options, { codec, inspect });
    await writeJsonAtomic(run.paths.codec, subject.codec.toJSON());
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
    const initial = (): Promise<ModelState | undefined> => initialState(recipe, options.home);
    return await new Training({
      run,
      recipe,
      subject,
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
  readonly subject: Subject;
  readonly event: (event: TrainEvent) => void;
}

async function prepare(
  recipe: Recipe,
  options: FullTrainOptions,
  before: Pick<SubjectOptions, "codec" | "inspect"> = {},
): Promise<Prepared> {
  const event = options.onEvent ?? (() => {});
  const subject = await openSubject(recipe, {
    ...before,
    home: options.home,
    data: options.data,
    signal: options.signal,
    onProgress: (progress) => event({ kind: "data", progress }),
  });
  if ((options.device ?? "cpu") === "cpu") {
    const tight = subject.checkMemory();
    if (tight !== undefined) event({ kind: "warning", message: tight });
  }
  return { subject, event };
}
