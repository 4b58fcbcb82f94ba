/** Training a GPT as the product does, and evaluating it on a whole split: what both workers are made of. */

import {
  familyNamed,
  repeatOf,
  scoreOf,
  type TextRecipe,
  Trainer,
  trainerOptions,
  transformerConfiguration,
} from "@atelier/atelier";
import { CharacterCodec, TokenStream } from "@atelier/data";
import { type HostTensor, leavesOf, type RandomKey, type TreeRecord } from "@atelier/engine";
import { countParameters, type TransformerConfiguration } from "@atelier/models";

export interface GptTrainingSettings {
  readonly recipe: TextRecipe;
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
  readonly configuration: TransformerConfiguration;
  /** As they are after the latest step. */
  readonly weights: TreeRecord<HostTensor>;
  /** Steps on random batches; the mean loss in nats. */
  steps(count: number): Promise<number>;
  /** Mean loss over all of `tokens`, in windows that do not overlap, from the first; and over how many predictions. */
  evaluate(tokens: Int32Array): Promise<{ readonly loss: number; readonly predictions: number }>;
}

export async function startGptTraining(settings: GptTrainingSettings): Promise<GptTraining> {
  const { recipe, vocabulary, threads } = settings;
  const model = familyNamed(recipe.family).at(transformerConfiguration(recipe, vocabulary), codecOf(vocabulary));
  const { context } = model.configuration;
  const seeded = { ...recipe, seed: settings.seed };
  const stream = new TokenStream(settings.tokens);
  const { trainable } = model;
  const batches = (key: RandomKey) => model.batches(stream, seeded, key);
  const trainer = new Trainer(trainerOptions(seeded, { trainable, batches }, { threads }));
  const parameters = countParameters(leavesOf(trainer.state.params));
  const most = repeatOf(recipe, model);

  const started = performance.now();
  await trainer.prepare(most);
  const compileMilliseconds = performance.now() - started;

  const judge = model.judge({ threads });
  return {
    parameters,
    compileMilliseconds,
    configuration: model.configuration,
    get weights() {
      return trainer.modelOf(model.network).params;
    },
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
      const stream = new TokenStream(split.subarray(0, whole));
      const { loss, tokens } = scoreOf(await judge.judge(trainer.modelOf(model.network).params, stream));
      return { loss, predictions: tokens };
    },
  };
}

/** A codec of so many tokens; its characters are never looked at. */
const codecOf = (vocabulary: number): CharacterCodec =>
  CharacterCodec.fromTexts([Array.from({ length: vocabulary }, (_, i) => String.fromCodePoint(0x4e00 + i)).join("")]);
