/**
 * A whole training, from recipe to model: corpus, baseline, run directory, steps, evaluations, checkpoints, samples, report, model.
 * Everything a run leaves behind is written here; what a person sees of it is the caller's business, through `events`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetProgress } from "@atelier/data";
import { ArgumentError, type Device, flattenTree, type HostTensor, RandomKey } from "@atelier/engine";
import { countParameters, type GptConfiguration, type MarkovModel } from "@atelier/models";
import { fitBaseline } from "../evaluation/baseline.js";
import { GptJudge, type LanguageScore, scoreBaseline, scoreOf, targetBytes } from "../evaluation/evaluate.js";
import { type ModelSamples, sampleBoth } from "../generation/samples.js";
import { saveTrainedModel } from "../model/save.js";
import { resolveRecipe } from "../recipe/resolve.js";
import type { Recipe } from "../recipe/schema.js";
import { writeRunReport } from "../report/run-report.js";
import { RunDirectory, writeAtomic, writeJsonAtomic } from "../storage/index.js";
import { type Corpus, openCorpus } from "./corpus.js";
import { defaultThreads, machineOf, versionsOf } from "./machine.js";
import { gptConfiguration, planOf } from "./plan.js";
import { initialState } from "./step.js";
import { NonFiniteError, stateFromTrees, stateToTrees, Trainer } from "./trainer.js";

/** What happens along the way, in order. */
export type TrainEvent =
  | { readonly kind: "data"; readonly progress: DatasetProgress }
  | {
      readonly kind: "corpus";
      readonly corpus: Corpus;
      readonly configuration: GptConfiguration;
      readonly parameters: number;
    }
  | {
      readonly kind: "run";
      readonly name: string;
      readonly directory: string;
      readonly from: number;
      readonly total: number;
    }
  | { readonly kind: "warning"; readonly message: string }
  | { readonly kind: "baseline"; readonly score: LanguageScore; readonly order: number; readonly seconds: number }
  | {
      readonly kind: "steps";
      readonly step: number;
      readonly loss: number;
      readonly gradientNorm: number;
      readonly tokensPerSecond: number;
    }
  | { readonly kind: "evaluation"; readonly step: number; readonly loss: number }
  | { readonly kind: "final"; readonly done: number; readonly total: number }
  | { readonly kind: "checkpoint"; readonly step: number; readonly path: string };

export interface TrainOptions {
  readonly home: string;
  readonly name?: string | undefined;
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  /** Stops in good order: a checkpoint is written and the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: TrainEvent) => void;
}

export interface TrainResult {
  readonly run: string;
  readonly directory: string;
  readonly report: string | undefined;
  /** The saved model's folder; undefined where the run was stopped before its end. */
  readonly model: string | undefined;
  readonly status: "finished" | "stopped";
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
  readonly score: LanguageScore | undefined;
  readonly baseline: LanguageScore;
  readonly baselineName: string;
  readonly samples: readonly ModelSamples[];
}

/** Trains from a recipe in a new run. */
export async function train(recipe: unknown, options: TrainOptions): Promise<TrainResult> {
  const resolved = resolveRecipe(recipe);
  const { corpus, configuration, event } = await prepare(resolved, options);
  const threads = options.threads ?? defaultThreads();
  const run = await RunDirectory.create(options.home, options.name ?? [corpus.dataset.name, resolved.family], {
    seed: resolved.seed,
    recipe: resolved,
    versions: await versionsOf(),
    machine: { ...machineOf(options.device ?? "cpu", threads), repeat: repeatOf(resolved, configuration) },
    data: { ...corpus.dataset.card },
    totalSteps: resolved.training.steps,
  });
  try {
    await writeJsonAtomic(run.paths.codec, corpus.codec.toJSON());
    return await new Training(run, resolved, corpus, configuration, { ...options, threads }, event).run();
  } finally {
    run.close();
  }
}

/** Goes on with a run that was stopped or killed, from its newest sound checkpoint. */
export async function resume(nameOrPath: string, options: Omit<TrainOptions, "name">): Promise<TrainResult> {
  const run = await RunDirectory.open(options.home, nameOrPath);
  try {
    if (run.record.status === "finished") {
      throw new ArgumentError(`The run ${run.record.name} is finished, at step ${run.record.step}`, {
        hint: "Start a new run, with more steps if it should go further.",
      });
    }
    const resolved = resolveRecipe(run.record.recipe);
    const { corpus, configuration, event } = await prepare(resolved, options, run.paths.codec);
    if (corpus.dataset.card.fingerprint !== run.record.data.fingerprint) {
      throw new ArgumentError(`The data of ${run.record.name} has changed since the run began`, {
        hint: "Restore the files, or start a new run.",
      });
    }
    const recorded = run.record.machine;
    const threads = options.threads ?? (typeof recorded.threads === "number" ? recorded.threads : defaultThreads());
    const device = options.device ?? (recorded.device === "webgpu" ? "webgpu" : "cpu");
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

async function prepare(recipe: Recipe, options: TrainOptions, codecPath?: string) {
  const event = options.onEvent ?? (() => {});
  const corpus = await openCorpus(recipe, {
    home: options.home,
    codec: codecPath === undefined ? undefined : JSON.parse(await readFile(codecPath, "utf8")),
    signal: options.signal,
    onProgress: (progress) => event({ kind: "data", progress }),
  });
  const configuration = gptConfiguration(recipe.model, corpus.codec.spec.vocabulary);
  // Fails here, in words, where a text is too short for the context.
  corpus.train.sample(RandomKey.fromSeed(0), 1, configuration.context);
  return { corpus, configuration, event };
}

/** How many steps one call of the runtime makes: several while copying the state in and out would weigh against a step. */
function repeatOf(recipe: Recipe, c: GptConfiguration): number {
  if (recipe.training.repeat !== undefined) return recipe.training.repeat;
  const parameters = c.layers * (4 * c.width * c.width + 2 * c.width * c.hidden) + c.vocabulary * c.width;
  const tokens = recipe.training.batch * recipe.model.context;
  return parameters < 4e6 && tokens <= 8192 ? 8 : 1;
}

class Training {
  readonly #run: RunDirectory;
  readonly #recipe: Recipe;
  readonly #corpus: Corpus;
  readonly #configuration: GptConfiguration;
  readonly #options: TrainOptions & { readonly threads: number };
  readonly #event: (event: TrainEvent) => void;
  readonly #key: RandomKey;
  readonly #judge: GptJudge;
  /** Seconds of earlier sittings, from the checkpoint. */
  #secondsBefore = 0;
  #started = performance.now();

  constructor(
    run: RunDirectory,
    recipe: Recipe,
    corpus: Corpus,
    configuration: GptConfiguration,
    options: TrainOptions & { readonly threads: number },
    event: (event: TrainEvent) => void,
  ) {
    this.#run = run;
    this.#recipe = recipe;
    this.#corpus = corpus;
    this.#configuration = configuration;
    this.#options = options;
    this.#event = event;
    this.#key = RandomKey.fromSeed(recipe.seed);
    this.#judge = new GptJudge(configuration, options);
  }

  async run(): Promise<TrainResult> {
    const trainer = await this.#trainer();
    const parameters = this.#countParameters(trainer);
    this.#event({ kind: "corpus", corpus: this.#corpus, configuration: this.#configuration, parameters });
    const { training } = this.#recipe;
    const { record, paths } = this.#run;
    this.#event({
      kind: "run",
      name: record.name,
      directory: paths.directory,
      from: trainer.done,
      total: training.steps,
    });
    await this.#run.update({ status: "running", step: trainer.done });
    try {
      const baseline = this.#fitBaseline();
      this.#started = performance.now();
      const complete = await this.#steps(trainer);
      if (!complete) {
        await this.#checkpoint(trainer);
        await this.#run.update({ status: "stopped", step: trainer.done });
        return this.#result(trainer, baseline, "stopped", undefined, undefined, []);
      }
      return await this.#finish(trainer, baseline, parameters);
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      await this.#run
        .update({ status: error instanceof NonFiniteError ? "failed" : "stopped", failure, step: trainer.done })
        .catch(() => {});
      throw error;
    } finally {
      await trainer.release();
      await this.#judge.release();
    }
  }

  async #trainer(): Promise<Trainer> {
    const { training, model } = this.#recipe;
    const plan = planOf(this.#recipe, this.#configuration);
    const batchKey = this.#key.split("batch");
    const options = {
      plan,
      batches: (step: number) => this.#corpus.train.sample(batchKey.at(step), training.batch, model.context),
      shape: [training.batch, model.context] as const,
      key: this.#key,
      device: this.#options.device,
      threads: this.#options.threads,
    };
    const loaded = await this.#run.checkpoints.loadLatest();
    if (loaded === undefined) {
      this.#run.metrics.truncateAfter(-1);
      return new Trainer(options);
    }
    for (const message of loaded.warnings)
      this.#event({ kind: "warning", message: `${message}; going on from an earlier checkpoint` });
    const { checkpoint } = loaded;
    await this.#run.checkpoints.discardAfter(checkpoint.step);
    this.#run.metrics.truncateAfter(checkpoint.step);
    this.#secondsBefore = typeof checkpoint.json.seconds === "number" ? checkpoint.json.seconds : 0;
    const state = stateFromTrees(checkpoint.trees, initialState(plan, this.#key.split("initialise")));
    return new Trainer(options, { step: checkpoint.step, state });
  }

  #countParameters(trainer: Trainer): number {
    return Object.values(trainer.state.params).reduce(
      (sum, tree) => sum + countParameters(flattenTree<HostTensor>(tree).map(([, leaf]) => leaf)),
      0,
    );
  }

  get #seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** Makes steps up to the end, or until asked to stop; true at the end. Stops, checkpoints and evaluations fall on whole chunks. */
  async #steps(trainer: Trainer): Promise<boolean> {
    const { training, model } = this.#recipe;
    const repeat = repeatOf(this.#recipe, this.#configuration);
    const tokensAStep = training.batch * model.context * training.accumulate;
    const passed = (every: number, before: number): boolean =>
      Math.floor(trainer.done / every) > Math.floor(before / every);
    let compiled = false;
    while (trainer.done < training.steps) {
      if (this.#options.signal?.aborted === true) return false;
      const before = trainer.done;
      const startedAt = performance.now();
      const chunk = await trainer.advance(Math.min(repeat, training.steps - before));
      const seconds = (performance.now() - startedAt) / 1000;
      // The first call also prepares the graph: no rate can be judged by it.
      const rate = compiled ? ((trainer.done - before) * tokensAStep) / seconds : 0;
      compiled = true;
      const { loss, gradientNorm } = chunk;
      this.#run.metrics.append({ step: trainer.done, loss, gradientNorm, seconds: this.#seconds });
      this.#event({ kind: "steps", step: trainer.done, loss, gradientNorm, tokensPerSecond: rate });
      const last = trainer.done >= training.steps;
      if (passed(training.evaluateEvery, before) && !last) await this.#evaluate(trainer);
      if (passed(training.checkpointEvery, before) || last) await this.#checkpoint(trainer);
      // Lets signals and timers in between calls, which block.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return true;
  }

  async #evaluate(trainer: Trainer): Promise<void> {
    const { nats, count } = await this.#judge.score(trainer.weights.gpt!, this.#corpus.validation, {
      limit: VALIDATION_TOKENS,
    });
    const loss = nats / count;
    this.#run.metrics.append({
      step: trainer.done,
      validationLoss: loss,
      validationTokens: count,
      seconds: this.#seconds,
    });
    this.#event({ kind: "evaluation", step: trainer.done, loss });
  }

  async #checkpoint(trainer: Trainer): Promise<void> {
    const path = await this.#run.checkpoints.save({
      step: trainer.done,
      trees: stateToTrees(trainer.state),
      json: { seconds: this.#seconds },
    });
    await this.#run.update({ step: trainer.done });
    this.#event({ kind: "checkpoint", step: trainer.done, path });
  }

  #fitBaseline(): { model: MarkovModel; score: LanguageScore; name: string } {
    const startedAt = performance.now();
    const { codec, train: stream, validation } = this.#corpus;
    const model = fitBaseline(stream.ids, codec.spec.vocabulary);
    const score = scoreBaseline(model, codec, validation, this.#configuration.context);
    this.#event({ kind: "baseline", score, order: model.order, seconds: (performance.now() - startedAt) / 1000 });
    return { model, score, name: `${model.order}-gram Kneser-Ney` };
  }

  async #finish(
    trainer: Trainer,
    baseline: { model: MarkovModel; score: LanguageScore; name: string },
    parameters: number,
  ): Promise<TrainResult> {
    const { codec, validation } = this.#corpus;
    const weights = trainer.weights.gpt!;
    const seconds = this.#seconds;
    const { nats, count } = await this.#judge.score(weights, validation, {
      signal: this.#options.signal,
      onProgress: (done, total) => this.#event({ kind: "final", done, total }),
    });
    const score = scoreOf(nats, count, targetBytes(codec, validation));
    this.#run.metrics.append({ step: trainer.done, validationLoss: score.loss, validationTokens: count, seconds });
    const samples = await sampleBoth({
      configuration: this.#configuration,
      weights,
      baseline: baseline.model,
      codec,
      validation,
      key: this.#key.split("samples"),
      threads: this.#options.threads,
    });
    await writeAtomic(join(this.#run.paths.samples, "final.txt"), [
      Buffer.from(samples.map(({ model }) => model).join("\n\n---\n\n")),
    ]);
    const results = {
      loss: score.loss,
      perplexity: score.perplexity,
      bitsPerByte: score.bitsPerByte,
      baselineLoss: baseline.score.loss,
      baselineBitsPerByte: baseline.score.bitsPerByte,
    };
    const model = await saveTrainedModel({
      home: this.#options.home,
      run: this.#run.record,
      recipe: this.#recipe,
      corpus: this.#corpus,
      configuration: this.#configuration,
      weights,
      parameters,
      score,
      baseline,
      samples,
      seconds,
    });
    await this.#run.update({ status: "finished", step: trainer.done, results });
    const tokens =
      trainer.done * this.#recipe.training.batch * this.#recipe.model.context * this.#recipe.training.accumulate;
    await writeRunReport({
      run: this.#run,
      recipe: this.#recipe,
      corpus: this.#corpus,
      score,
      baseline,
      samples,
      seconds,
      parameters,
      tokens,
    });
    return this.#result(trainer, baseline, "finished", score, model, samples);
  }

  #result(
    trainer: Trainer,
    baseline: { score: LanguageScore; name: string },
    status: TrainResult["status"],
    score: LanguageScore | undefined,
    model: string | undefined,
    samples: readonly ModelSamples[],
  ): TrainResult {
    return {
      run: this.#run.record.name,
      directory: this.#run.paths.directory,
      report: status === "finished" ? this.#run.paths.report : undefined,
      model,
      status,
      step: trainer.done,
      steps: this.#recipe.training.steps,
      seconds: this.#seconds,
      score,
      baseline: baseline.score,
      baselineName: baseline.name,
      samples,
    };
  }
}

/** Evaluations along the way judge this much of the validation text; the final one judges all of it. */
const VALIDATION_TOKENS = 16_384;
