/**
 * One sitting of a training in its run directory: baseline, steps, evaluations, checkpoints, then samples, model and report. Everything
 * a run leaves behind is written here; what a person sees of it is the caller's business, through `events`.
 */
import { join } from "node:path";
import { AtelierError, type HostTensor, leavesOf, RandomKey } from "@atelier/engine";
import { countParameters, type GptConfiguration, type MarkovModel } from "@atelier/models";
import { baselineName, fitBaseline } from "../evaluation/baseline.js";
import { GptJudge, type LanguageScore, scoreBaseline, scoreOf, targetBytes } from "../evaluation/evaluate.js";
import { type ModelSamples, sampleBoth } from "../generation/samples.js";
import { saveTrainedModel } from "../model/save.js";
import type { Recipe } from "../recipe/schema.js";
import { writeRunReport } from "../report/run-report.js";
import { DiskFullError, type RunDirectory, readMetrics, writeAtomic } from "../storage/index.js";
import type { Corpus } from "./corpus.js";
import type { TrainEvent, TrainOptions, TrainResult } from "./events.js";
import { repeatOf, tokensAStep, trainerOptions } from "./plan.js";
import { initialState } from "./step.js";
import { NonFiniteError, stateFromTrees, stateToTrees, Trainer } from "./trainer.js";

export class Training {
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
    await this.#run.update({ status: "running", failure: undefined, step: trainer.done });
    const parameters = countParameters(leavesOf<HostTensor>(trainer.state.params));
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
    try {
      const baseline = this.#fitBaseline();
      this.#started = performance.now();
      const complete = await this.#steps(trainer);
      if (!complete) return await this.#stop(trainer, baseline);
      return await this.#finish(trainer, baseline, parameters).catch((error: unknown) => {
        if (this.#options.signal?.aborted !== true || AtelierError.isInstance(error)) throw error;
        return this.#stop(trainer, baseline);
      });
    } catch (error) {
      const explained = await this.#explain(error);
      const failure = explained instanceof Error ? explained.message : String(explained);
      const status = error instanceof NonFiniteError ? "failed" : "stopped";
      // A full disk may have no room for these lines either.
      await this.#run.update({ status, failure, step: await this.#lastCheckpoint() }).catch(() => {});
      throw explained;
    } finally {
      await trainer.release();
      await this.#judge.release();
    }
  }

  async #stop(trainer: Trainer, baseline: Baseline): Promise<TrainResult> {
    await this.#checkpoint(trainer);
    await this.#run.update({ status: "stopped", step: trainer.done });
    return this.#result(trainer, baseline, "stopped", undefined, undefined, []);
  }

  async #lastCheckpoint(): Promise<number> {
    return (await this.#run.checkpoints.steps()).at(-1) ?? 0;
  }

  /** Says of this run what is left of it and how to go on, where an error alone cannot know. */
  async #explain(error: unknown): Promise<unknown> {
    const { name } = this.#run.record;
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
    const options = trainerOptions(this.#recipe, this.#configuration, this.#corpus.train, this.#options);
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
    const state = stateFromTrees(checkpoint.trees, initialState(options.plan, this.#key.split("initialise")));
    return new Trainer(options, { step: checkpoint.step, state });
  }

  get #seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** Makes steps up to the end, or until asked to stop; true at the end. Stops, checkpoints and evaluations fall on whole chunks. */
  async #steps(trainer: Trainer): Promise<boolean> {
    const { training } = this.#recipe;
    const repeat = repeatOf(this.#recipe, this.#configuration);
    const tokens = tokensAStep(this.#recipe);
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
      const rate = compiled ? ((trainer.done - before) * tokens) / seconds : 0;
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
      limit: validationTokens(this.#recipe),
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
    this.#run.metrics.sync();
    const path = await this.#run.checkpoints.save({
      step: trainer.done,
      trees: stateToTrees(trainer.state),
      json: { seconds: this.#seconds },
    });
    await this.#run.update({ step: trainer.done });
    this.#event({ kind: "checkpoint", step: trainer.done, path });
  }

  #fitBaseline(): Baseline {
    const startedAt = performance.now();
    const { codec, train: stream, validation } = this.#corpus;
    const model = fitBaseline(stream.ids, codec.spec.vocabulary);
    const score = scoreBaseline(model, codec, validation, this.#configuration.context);
    this.#event({ kind: "baseline", score, order: model.order, seconds: (performance.now() - startedAt) / 1000 });
    return { model, score, name: baselineName(model) };
  }

  async #finish(trainer: Trainer, baseline: Baseline, parameters: number): Promise<TrainResult> {
    const { codec, validation } = this.#corpus;
    const weights = trainer.weights.gpt!;
    const seconds = this.#seconds;
    const { nats, count } = await this.#judge.score(weights, validation, {
      signal: this.#options.signal,
      onProgress: (done, total) => this.#event({ kind: "final", done, total }),
    });
    const score = scoreOf(nats, count, targetBytes(codec, validation));
    // A run that was killed after this line finishes once more: no figure stands twice.
    const judged = (await readMetrics(this.#run.paths.metrics)).some(
      (record) => record.step === trainer.done && record.validationLoss !== undefined,
    );
    if (!judged)
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
    const tokens = trainer.done * tokensAStep(this.#recipe);
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
    // Last of all: whatever was cut off before is made once more on resuming.
    await this.#run.update({ status: "finished", step: trainer.done, results });
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

interface Baseline {
  readonly model: MarkovModel;
  readonly score: LanguageScore;
  readonly name: string;
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
