/** Training a GPT as the product does, and evaluating it on a whole split: what both workers are made of. */

import { GptJudge, gptConfiguration, type Recipe, repeatOf, Trainer, trainerOptions } from "@atelier/atelier";
import { TokenStream } from "@atelier/data";
import { leavesOf } from "@atelier/engine";
import { countParameters } from "@atelier/models";

export interface GptTrainingSettings {
  readonly recipe: Recipe;
  readonly vocabulary: number;
  /** What to draw batches from. */
  readonly tokens: Int32Array;
  readonly seed: number;
  readonly threads: number;
}

export interface GptTraining {
  readonly parameters: number;
  /** Tracing, differentiating, optimising and compiling the step. */
  readonly compileMilliseconds: number;
  /** Steps on random batches; the mean loss in nats. */
  steps(count: number): Promise<number>;
  /** Mean loss over all of `tokens`, in windows that do not overlap, from the first; and over how many predictions. */
  evaluate(tokens: Int32Array): Promise<{ readonly loss: number; readonly predictions: number }>;
}

export async function startGptTraining(settings: GptTrainingSettings): Promise<GptTraining> {
  const { recipe, vocabulary, threads } = settings;
  const configuration = gptConfiguration(recipe.model, vocabulary);
  const { context } = configuration;
  const seeded = { ...recipe, seed: settings.seed };
  const trainer = new Trainer(trainerOptions(seeded, configuration, new TokenStream(settings.tokens), { threads }));
  const parameters = countParameters(leavesOf(trainer.state.params));
  const most = repeatOf(recipe, configuration);

  const started = performance.now();
  await trainer.prepare(most);
  const compileMilliseconds = performance.now() - started;

  const judge = new GptJudge(configuration, { threads });
  return {
    parameters,
    compileMilliseconds,
    async steps(count) {
      let total = 0;
      for (let done = 0; done < count; done += most) {
        const now = Math.min(most, count - done);
        total += (await trainer.advance(now)).loss * now;
      }
      return total / count;
    },
    async evaluate(split) {
      // Whole windows only, as the peer has them.
      const whole = Math.floor((split.length - 1) / context) * context + 1;
      const { nats, count } = await judge.score(trainer.weights.gpt!, new TokenStream(split.subarray(0, whole)));
      return { loss: nats / count, predictions: count };
    },
  };
}
