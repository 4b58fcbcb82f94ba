/**
 * One sitting of a training in its run directory: baseline, steps, evaluations, checkpoints, and in the end the model. Everything a run
 * leaves behind is written here and in `conclude`; what a person sees of it is the caller's business, through `events`.
 */
import { join } from "node:path";
import { AtelierError, type HostTensor, leavesOf, RandomKey } from "@atelier/engine";
import { countParameters } from "@atelier/models";
import { formatCount } from "../cli/format.js";
import { addEnergy, type Energy, type EnergyMeter, energySchema, startEnergyMeter } from "../energy/energy.js";
import type { Recipe } from "../recipe/schema.js";
import { DiskFullError, figuresSince, type RunDirectory, readMetrics, type SaveOptions } from "../storage/index.js";
import { type Concluded, conclude } from "./conclude.js";
import type { FullTrainOptions, TrainEvent, TrainResult } from "./events.js";
import { Patience } from "./patience.js";
import { trainerOptions } from "./plan.js";
import { initialState } from "./step.js";
import type { Examiner, JudgedRival, ModelState, Subject } from "./subject.js";
import { NonFiniteError, stateFromTrees, stateToTrees, Trainer } from "./trainer.js";

export interface TrainingParts {
  readonly run: RunDirectory;
  readonly recipe: Recipe;
  readonly subject: Subject;
  /** The state to start from, where it is not drawn; asked for only if there is no checkpoint. */
  readonly initial: () => Promise<ModelState | undefined>;
  readonly options: FullTrainOptions & { readonly threads: number };
  readonly event: (event: TrainEvent) => void;
}

export class Training {
  readonly #parts: TrainingParts;
  readonly #key: RandomKey;
  readonly #examiner: Examiner;
  readonly #patience: Patience | undefined;
  /** Of earlier sittings, from the checkpoint. */
  #secondsBefore = 0;
  #energyBefore: Energy | undefined;
  #started = performance.now();
  #meter: EnergyMeter | undefined;

  constructor(parts: TrainingParts) {
    const { recipe, subject, options } = parts;
    this.#parts = parts;
    this.#key = RandomKey.fromSeed(recipe.seed);
    this.#examiner = subject.examiner(options);
    const { patience } = recipe.training;
    this.#patience = patience === undefined ? undefined : new Patience(patience);
  }

  async run(): Promise<TrainResult> {
    const { run, recipe, subject, event } = this.#parts;
    const trainer = await this.#trainer();
    await run.update({ status: "running", failure: undefined, step: trainer.done });
    const parameters = countParameters(leavesOf<HostTensor>(trainer.state.params));
    event({ kind: "subject", subject, parameters });
    const { record, paths } = run;
    const { steps } = recipe.training;
    event({ kind: "run", name: record.name, directory: paths.directory, recipe, from: trainer.done, total: steps });
    try {
      const baseline = await this.#fitBaseline();
      this.#started = performance.now();
      this.#meter = startEnergyMeter();
      const complete = await this.#steps(trainer);
      if (!complete) return await this.#stop(trainer, baseline);
      return await this.#finish(trainer, baseline).catch((error: unknown) => {
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
      await this.#examiner.release();
    }
  }

  async #stop(trainer: Trainer, baseline: JudgedRival): Promise<TrainResult> {
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
    const { run, recipe, subject, options, event } = this.#parts;
    const plan = trainerOptions(recipe, subject, options);
    const loaded = await run.checkpoints.loadLatest();
    if (loaded === undefined) {
      run.metrics.truncateAfter(-1);
      const given = await this.#parts.initial();
      if (given === undefined) return new Trainer(plan);
      const fresh = initialState(plan.plan, this.#key.split("initialise"), { [subject.network]: given.params });
      const state = { ...fresh, buffers: { ...fresh.buffers, [subject.network]: given.buffers } };
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
    const { run, recipe, subject, options, event } = this.#parts;
    const { training } = recipe;
    const { repeat, unit, unitsAStep } = subject;
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
      const rate = compiled ? ((trainer.done - before) * unitsAStep) / seconds : 0;
      compiled = true;
      const { loss, gradientNorm, figures } = chunk;
      run.metrics.append({ ...figures, step: trainer.done, loss, gradientNorm, seconds: this.#seconds });
      event({ kind: "steps", step: trainer.done, loss, gradientNorm, figures, unitsPerSecond: rate, unit });
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
    const { run, subject, event } = this.#parts;
    const history = figuresSince(await readMetrics(run.paths.metrics));
    const judged = await this.#examiner.judge(trainer.modelOf(subject.network), history);
    const { loss, count, text, figures, warnings = [] } = judged;
    run.metrics.append({
      ...figures,
      step: trainer.done,
      validationLoss: loss,
      validationTokens: count,
      seconds: this.#seconds,
      ...(warnings.length === 0 ? {} : { warnings }),
    });
    event({ kind: "evaluation", step: trainer.done, loss, text });
    for (const message of warnings)
      event({ kind: "warning", message: `step ${formatCount(trainer.done)}: ${message}` });
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

  async #fitBaseline(): Promise<JudgedRival> {
    const { subject, event } = this.#parts;
    const startedAt = performance.now();
    event({ kind: "stage", stage: subject.words.baseline, done: 0, total: 1 });
    // It blocks: whoever shows this has to have had the chance.
    await new Promise((resolve) => setImmediate(resolve));
    const baseline = await this.#examiner.baseline();
    event({ kind: "baseline", ...baseline, seconds: (performance.now() - startedAt) / 1000 });
    return baseline;
  }

  async #finish(trainer: Trainer, baseline: JudgedRival): Promise<TrainResult> {
    const state = await this.#finalState(trainer);
    const concluded = await conclude({
      ...this.#parts,
      examiner: this.#examiner,
      state,
      step: trainer.done,
      baseline,
      // Of the network that is saved, where others were trained with it.
      parameters: countParameters(leavesOf<HostTensor>(state.params)),
      key: this.#key,
      seconds: this.#seconds,
      energy: this.#energy,
    });
    return this.#result(trainer, baseline, concluded);
  }

  /** Those of the best evaluation where there was patience, else the last. */
  async #finalState(trainer: Trainer): Promise<ModelState> {
    const { run, subject } = this.#parts;
    const best = this.#patience?.best ?? trainer.done;
    if (best === trainer.done) return trainer.modelOf(subject.network);
    const { trees } = await run.checkpoints.load(best);
    return trainer.modelOf(subject.network, stateFromTrees(trees, trainer.state));
  }

  #result(trainer: Trainer, baseline: JudgedRival, concluded: Partial<Concluded>): TrainResult {
    const { run, recipe, subject } = this.#parts;
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
      score: concluded.findings?.score,
      evidence: concluded.evidence,
      goal: concluded.goal,
      can: subject.can,
      baseline: baseline.score,
      baselineName: baseline.name,
      samples: concluded.findings?.samples ?? [],
      pictures: (concluded.findings?.pictures ?? []).map(({ file, title }) => ({
        title,
        path: join(run.paths.samples, file),
      })),
    };
  }
}
