/**
 * Hyper-parameter sweeps: many trainings of one recipe with some of its settings varied, and which was best. Whatever can be refused is
 * refused here, before anything is written; the rest is the sitting's.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, parse } from "node:path";
import { pictureFamilySchemas } from "../recipe/picture-schema.js";
import { resolveRecipe } from "../recipe/resolve.js";
import type { Recipe } from "../recipe/schema.js";
import { exists, makeFolder, removeFolder, writeJsonAtomic } from "../storage/atomic.js";
import { explainWriteError, RunExistsError, systemCode } from "../storage/errors.js";
import { acquireLock } from "../storage/lock.js";
import { checkName, nameOf, nextNumbered } from "../storage/names.js";
import { removeRun } from "../storage/run-directory.js";
import { parseDimension } from "./dimension.js";
import { SweepError } from "./errors.js";
import type { SweepOptions, SweepWorkOptions } from "./events.js";
import { drawTrials, type Rung, rungsOf, type Trial, trialRecipe } from "./plan.js";
import {
  findSweep,
  namesAreFree,
  planOfSweep,
  readSweep,
  runName,
  type SweepRecord,
  sweepPaths,
  sweepSchema,
  sweepsFolder,
} from "./record.js";
import type { SweepResult } from "./result.js";
import { SweepSitting } from "./sitting.js";

export type { SweepEvent, SweepOptions, SweepWorkOptions } from "./events.js";
export type { SweepBest, SweepResult } from "./result.js";

/**
 * Runs a sweep over a recipe as people write it.
 *
 * @throws {SweepError} @throws {RecipeError} where no trial could be made. @throws {RunExistsError} where a name is taken.
 * @throws whatever stops every trial alike: data that is not there, a full disk. What is wrong with one trial alone (settings that do
 * not go together, numbers that are not finite, too much memory) is recorded with it.
 */
export async function sweep(recipe: Record<string, unknown>, options: SweepOptions): Promise<SweepResult> {
  const { over, trials: asked = 12, method = "random", eta = 3, seed = seedOf(recipe) } = options;
  for (const [what, count, least] of [
    ["trials", asked, 1],
    ["eta", eta, 2],
    ["seed", seed, 0],
  ] as const) {
    if (!Number.isSafeInteger(count) || count < least)
      throw new SweepError(`${what} must be a whole number from ${least} up, got ${count}`);
  }
  const dimensions = over.map(parseDimension);
  const twice = dimensions.find(({ setting }, i) => dimensions.findIndex((each) => each.setting === setting) < i);
  if (dimensions.length === 0 || twice !== undefined) {
    throw new SweepError(twice === undefined ? "a sweep needs something to vary" : `${twice.setting} is varied twice`, {
      hint: "for example --over training.optimiser.learningRate=0.001..0.03:log",
    });
  }
  const apart = dimensions.find(({ setting }) => taskOf(recipe).test(setting));
  if (apart !== undefined) {
    throw new SweepError(`${apart.setting} cannot be varied: trials would be judged on different tasks`, {
      hint: "train each by itself, and look at them with: atelier runs compare",
    });
  }
  const drawn = drawTrials(dimensions, asked, seed);
  const possible = checkTrials(recipe, drawn, rungsOf(method, drawn.length, eta)[0]!);
  const parent = sweepsFolder(options.home);
  await makeFolder(parent);
  const now = new Date().toISOString();
  const record = sweepSchema.parse({
    format: 1,
    name:
      options.name === undefined
        ? await freeName(options.home, recipe, possible.family)
        : checkName(options.name, "run"),
    created: now,
    updated: now,
    status: "running",
    recipe,
    over: [...over],
    method,
    trials: asked,
    eta,
    seed,
    // A loss in nats per token says nothing across codecs, whose tokens hold more or less text.
    metric: dimensions.some(({ setting }) => /^(codec|from)\b/.test(setting)) ? "bitsPerByte" : "loss",
    device: options.device,
    threads: options.threads,
    results: [],
  } satisfies SweepRecord);
  await namesAreFree(options.home, record, planOfSweep(record));
  const directory = join(parent, record.name);
  await mkdir(directory).catch((error: unknown) => {
    if (systemCode(error) !== "EEXIST") throw explainWriteError(error, directory, "create");
  });
  const lock = acquireLock(directory);
  try {
    if (await exists(sweepPaths(directory).sweep)) {
      throw new RunExistsError(`there is already a sweep "${record.name}" in ${parent}`, {
        hint: `choose another name, or go on with it: atelier sweep --resume ${record.name}`,
      });
    }
    await writeJsonAtomic(sweepPaths(directory).sweep, record);
    const sitting = new SweepSitting(directory, record, options);
    return await sitting.run().catch(async (error: unknown) => {
      // Where nothing came of it (there is no such data), nothing is left behind.
      if (!(await sitting.began())) await rm(directory, { recursive: true, force: true });
      throw error;
    });
  } finally {
    lock.release();
  }
}

/** Goes on with a sweep that was stopped or killed: the same trials, as far as they are not made yet. @throws {NotFoundError} */
export async function resumeSweep(nameOrPath: string, options: SweepWorkOptions): Promise<SweepResult> {
  const directory = await findSweep(options.home, nameOrPath);
  const lock = acquireLock(directory);
  try {
    const { record } = await readSweep(options.home, directory);
    return await new SweepSitting(directory, record, options).run();
  } finally {
    lock.release();
  }
}

/** Removes a sweep with the runs of its trials; models stay. @throws {NotFoundError} @throws {RunLockedError} */
export async function removeSweep(home: string, nameOrPath: string): Promise<string> {
  const directory = await findSweep(home, nameOrPath);
  const lock = acquireLock(directory);
  try {
    const { record } = await readSweep(home, directory);
    const plan = planOfSweep(record);
    for (const { number } of plan.trials) {
      for (const rung of plan.rungs.keys()) {
        const path = join(home, "runs", runName(record, plan, number, rung));
        if (await exists(path)) await removeRun(home, path);
      }
    }
    await removeFolder(directory);
  } catch (error) {
    lock.release();
    throw error;
  }
  return directory;
}

const seedOf = (recipe: Record<string, unknown>): number =>
  typeof recipe.seed === "number" && Number.isSafeInteger(recipe.seed) && recipe.seed >= 0 ? recipe.seed : 1;

/** The first trial's recipe that can be. @throws where none can, what is wrong with the first. */
function checkTrials(recipe: Record<string, unknown>, trials: readonly Trial[], shortest: Rung): Recipe {
  let first: unknown;
  for (const { settings } of trials) {
    try {
      return resolveRecipe(trialRecipe(recipe, settings, shortest.share).recipe);
    } catch (error) {
      first ??= error;
    }
  }
  // A mistake in the recipe itself is told as such, rather than as one of the trial's.
  resolveRecipe(recipe);
  throw first;
}

async function freeName(home: string, recipe: Record<string, unknown>, family: string): Promise<string> {
  const base = nameOf(typeof recipe.data === "string" ? parse(recipe.data).name : family, "sweep");
  const folders = ["sweeps", "runs", "models"].map((folder) => readdir(join(home, folder)).catch((): string[] => []));
  return nextNumbered(base.slice(0, 50), (await Promise.all(folders)).flat());
}

/** Settings that decide what is judged. Of texts, codecs do not: bits per byte compare across them. */
const taskOf = ({ family }: Record<string, unknown>): RegExp =>
  typeof family === "string" && Object.hasOwn(pictureFamilySchemas, family)
    ? /^(data|curation|validation|family|codec|exclude|model\.likelihood|model\.beta|evaluation)(\.|$)/
    : /^(data|curation|validation|family)(\.|$)/;
