/**
 * One sitting of a training in its run directory: baseline, steps, evaluations, checkpoints, and in the end the model. Everything a run
 * leaves behind is written here and in `conclude`; what a person sees of it is the caller's business, through `events`.
 */
import { AtelierError, type HostTensor, leavesOf, RandomKey } from "@atelier/engine";
import { countParameters } from "@atelier/models";
import { addEnergy, type Energy, type EnergyMeter, energySchema, startEnergyMeter } from "../energy/energy.js";
import { type Judge, type JudgedBaseline, scoreOf } from "../evaluation/judgement.js";
import type { TextModel, Weights } from "../families/text-family.js";
import type { Recipe } from "../recipe/schema.js";
import { DiskFullError, type RunDirectory, readMetrics, type SaveOptions } from "../storage/index.js";
import { type Concluded, conclude } from "./conclude.js";
import type { Corpus } from "./corpus.js";
import type { FullTrainOptions, TrainEvent, TrainResult } from "./events.js";
import { Patience } from "./patience.js";
import { repeatOf, tokensAStep, trainerOptions } from "./plan.js";
import { initialState } from "./step.js";
import { NonFiniteError, stateFromTrees, stateToTrees, Trainer } from "./trainer.js";

export interface TrainingParts {
  readonly run: RunDirectory;
  readonly recipe: Recipe;
  readonly corpus: Corpus;
  readonly model: TextModel;
  /** The weights to start from, where they are not drawn; asked for only if there is no checkpoint. */
  readonly initial: () => Promise<Weights | undefined>;
  readonly options: FullTrainOptions & { readonly threads: number };
  readonly event: (event: TrainEvent) => void;
}

export class Training {
  readonly #parts: TrainingParts;
  readonly #key: RandomKey;
  readonly #judge: Judge;
  readonly #patience: Patience | undefined;
  /** Of earlier sittings, from the checkpoint. */
  #secondsBefore = 0;
  #energyBefore: Energy | undefined;
  #started = performance.now();
  #meter: EnergyMeter | undefined;

  constructor(parts: TrainingParts) {
    const { recipe, model, options } = parts;
    this.#parts = parts;
    this.#key = RandomKey.fromSeed(recipe.seed);
    this.#judge = model.judge(options);
    const { patience } = recipe.training;
    this.#patience = patience === undefined ? undefined : new Patience(patience);
  }

  async run(): Promise<TrainResult> {
    const { run, recipe, corpus, model, event } = this.#parts;
    const trainer = await this.#trainer();
    await run.update({ status: "running", failure: undefined, step: trainer.done });
    const parameters = countParameters(leavesOf<HostTensor>(trainer.state.params));
    event({ kind: "corpus", corpus, model, parameters });
    const { record, paths } = run;
    const { steps } = recipe.training;
    event({ kind: "run", name: record.name, directory: paths.directory, recipe, from: trainer.done, total: steps });
    try {
      const baseline = await this.#fitBaseline();
      this.#started = performance.now();
      this.#meter = startEnergyMeter();
      const complete = await this.#steps(trainer);
      if (!complete) return await this.#stop(trainer, baseline);
      return await this.#finish(trainer, baseline, parameters).catch((error: unknown) => {
        if (this.#parts.options.signal?.aborted !== true || AtelierError.isInstance(error)) throw error;
        return this.#stop(trainer, baseline);
      });
    } catch (error) {
      const explained = await this.#explain(error);
      const failure = explained instanceof Error ? explained.message : String(explained);
      const status = error instanceof NonFiniteError ? "failed" : "stopped";
      // A full disk may have no room for these lines either.
      await run.update({ status, failure, step: await this.#lastCheckpoint() }).catch(() => {});
      throw explained;
    } finally {
      this.#meter?.stop();
      await trainer.release();
      await this.#judge.release();
    }
  }

  async #stop(trainer: Trainer, baseline: JudgedBaseline): Promise<TrainResult> {
    await this.#checkpoint(trainer);
    await this.#parts.run.update({ status: "stopped", step: trainer.done });
    return this.#result(trainer, baseline, {});
  }

  async #lastCheckpoint(): Promise<number> {
    return (await this.#parts.run.checkpoints.steps()).at(-1) ?? 0;
  }

  /** Says of this run what is left of it and how to go on, where an error alone cannot know. */
  async #explain(error: unknown): Promise<unknown> {
    const { name } = this.#parts.run.record;
    const step = await this.#lastCheckpoint();
    const kept = step === 0 ? "It had no checkpoint yet" : `The checkpoint of step ${step} is kept`;
    if (error instanceof NonFiniteError) {
      const smaller = "lower learning rates or a smaller training.clip";
      return new NonFiniteError(error.message, {
        hint: `${kept}. The same settings would fail again: start a new run with ${smaller}.`,
        cause: error,
      });
    }
    if (error instanceof DiskFullError) {
      return new DiskFullError(error.message, {
        hint: `${kept}. Free some space, then go on with: atelier train --resume ${name}`,
        cause: error,
      });
    }
    return error;
  }

  async #trainer(): Promise<Trainer> {
    const { run, recipe, corpus, model, options, event } = this.#parts;
    const plan = trainerOptions(recipe, model, corpus.train, options);
    const loaded = await run.checkpoints.loadLatest();
    if (loaded === undefined) {
      run.metrics.truncateAfter(-1);
      const weights = await this.#parts.initial();
      if (weights === undefined) return new Trainer(plan);
      const state = initialState(plan.plan, this.#key.split("initialise"), { [model.network]: weights });
      return new Trainer(plan, { step: 0, state });
    }
    for (const message of loaded.warnings)
      event({ kind: "warning", message: `${message}; going on from an earlier checkpoint` });
    const { checkpoint } = loaded;
    await run.checkpoints.discardAfter(checkpoint.step);
    run.metrics.truncateAfter(checkpoint.step);
    const { seconds, energy } = checkpoint.json;
    this.#secondsBefore = typeof seconds === "number" ? seconds : 0;
    this.#energyBefore = energySchema.safeParse(energy).data;
    const state = stateFromTrees(checkpoint.trees, initialState(plan.plan, this.#key.split("initialise")));
    for (const { step, validationLoss } of await readMetrics(run.paths.metrics)) {
      if (typeof validationLoss === "number") this.#patience?.note(step, validationLoss);
    }
    return new Trainer(plan, { step: checkpoint.step, state });
  }

  get #seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** Makes steps up to the end, or until asked to stop; true at the end. Stops, checkpoints and evaluations fall on whole chunks. */
  async #steps(trainer: Trainer): Promise<boolean> {
    const { run, recipe, model, options, event } = this.#parts;
    const { training } = recipe;
    const repeat = repeatOf(recipe, model);
    const tokens = tokensAStep(recipe);
    const passed = (every: number, before: number): boolean =>
      Math.floor(trainer.done / every) > Math.floor(before / every);
    let compiled = false;
    while (trainer.done < training.steps && !(this.#patience?.exhausted ?? false)) {
      if (options.signal?.aborted === true) return false;
      const before = trainer.done;
      const startedAt = performance.now();
      const chunk = await trainer.advance(Math.min(repeat, training.steps - before));
      const seconds = (performance.now() - startedAt) / 1000;
      // The first call also prepares the graph: no rate can be judged by it.
      const rate = compiled ? ((trainer.done - before) * tokens) / seconds : 0;
      compiled = true;
      const { loss, gradientNorm } = chunk;
      run.metrics.append({ step: trainer.done, loss, gradientNorm, seconds: this.#seconds });
      event({ kind: "steps", step: trainer.done, loss, gradientNorm, tokensPerSecond: rate });
      const last = trainer.done >= training.steps;
      if (passed(training.evaluateEvery, before) && (!last || this.#patience !== undefined))
        await this.#evaluate(trainer);
      const given = this.#patience?.exhausted ?? false;
      if (passed(training.checkpointEvery, before) || last || given) await this.#checkpoint(trainer);
      // Lets signals and timers in between calls, which block.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return true;
  }

  async #evaluate(trainer: Trainer): Promise<void> {
    const { run, recipe, corpus, model, event } = this.#parts;
    const weights = trainer.weights[model.network]!;
    const { loss, tokens } = scoreOf(
      await this.#judge.judge(weights, corpus.validation, { limit: validationTokens(recipe) }),
    );
    run.metrics.append({ step: trainer.done, validationLoss: loss, validationTokens: tokens, seconds: this.#seconds });
    event({ kind: "evaluation", step: trainer.done, loss });
    if (this.#patience === undefined) return;
    if (this.#patience.note(trainer.done, loss)) {
      await this.#checkpoint(trainer, { best: { metric: "validationLoss", value: loss } });
    } else if (this.#patience.exhausted) {
      event({ kind: "early-stop", step: trainer.done, best: this.#patience.best });
    }
  }

  async #checkpoint(trainer: Trainer, options: SaveOptions = {}): Promise<void> {
    const { run, event } = this.#parts;
    run.metrics.sync();
    const trees = stateToTrees(trainer.state);
    const json = { seconds: this.#seconds, energy: this.#energy };
    const path = await run.checkpoints.save({ step: trainer.done, trees, json }, options);
    await run.update({ step: trainer.done });
    event({ kind: "checkpoint", step: trainer.done, path });
  }

  get #energy(): Energy | undefined {
    const now = this.#meter?.read();
    return now === undefined || this.#energyBefore === undefined ? now : addEnergy(this.#energyBefore, now);
  }

  async #fitBaseline(): Promise<JudgedBaseline> {
    const { corpus, model, event } = this.#parts;
    const startedAt = performance.now();
    event({ kind: "stage", stage: "fitting the n-gram baseline", done: 0, total: 1 });
    // It blocks: whoever shows this has to have had the chance.
    await new Promise((resolve) => setImmediate(resolve));
    const baseline = model.baseline(corpus.train);
    const judgement = await baseline.judge(corpus.validation);
    const score = scoreOf(judgement);
    event({ kind: "baseline", score, name: baseline.name, seconds: (performance.now() - startedAt) / 1000 });
    return { baseline, judgement, score };
  }

  async #finish(trainer: Trainer, baseline: JudgedBaseline, parameters: number): Promise<TrainResult> {
    const concluded = await conclude({
      ...this.#parts,
      judge: this.#judge,
      weights: await this.#finalWeights(trainer),
      step: trainer.done,
      baseline,
      parameters,
      key: this.#key,
      seconds: this.#seconds,
      energy: this.#energy,
    });
    return this.#result(trainer, baseline, concluded);
  }

  /** Those of the best evaluation where there was patience, else the last. */
  async #finalWeights(trainer: Trainer): Promise<Weights> {
    const { run, model, recipe } = this.#parts;
    const best = this.#patience?.best ?? trainer.done;
    if (best === trainer.done) return trainer.weights[model.network]!;
    const { trees } = await run.checkpoints.load(best);
    const state = stateFromTrees(trees, trainer.state);
    return (recipe.training.averageDecay === undefined ? state.params : state.average)[model.network]!;
  }

  #result(trainer: Trainer, baseline: JudgedBaseline, concluded: Partial<Concluded>): TrainResult {
    const { run, recipe, model } = this.#parts;
    const finished = concluded.model !== undefined;
    return {
      run: run.record.name,
      directory: run.paths.directory,
      report: finished ? run.paths.report : undefined,
      model: concluded.model,
      status: finished ? "finished" : "stopped",
      step: trainer.done,
      steps: recipe.training.steps,
      seconds: this.#seconds,
      score: concluded.score,
      evidence: concluded.evidence,
      goal: concluded.goal,
      can: model.can,
      baseline: baseline.score,
      baselineName: baseline.baseline.name,
      samples: concluded.samples ?? [],
    };
  }
}

/** Evaluations along the way judge at least this much of the validation text, where there is as much. */
const FEWEST_VALIDATION_TOKENS = 16_384;

/**
 * How much of it they judge: a quarter of what was trained on since the last one, which costs about a twelfth of the time (judging needs no
 * gradients). The final one judges all of it.
 */
function validationTokens(recipe: Recipe): number {
  const between = recipe.training.evaluateEvery * tokensAStep(recipe);
  return Math.max(FEWEST_VALIDATION_TOKENS, Math.floor(between / 4));
}
