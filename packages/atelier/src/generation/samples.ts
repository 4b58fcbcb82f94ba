/** Samples of a trained model beside the baseline's, from the same prompts. */

import type { TokenStream, TokensCodec } from "@atelier/data";
import type { HostTensor, RandomKey, TreeRecord } from "@atelier/engine";
import { type GptConfiguration, type MarkovModel, Sampler } from "@atelier/models";
import { GptGenerator } from "./generate.js";

export interface ModelSamples {
  readonly prompt: string;
  readonly model: string;
  readonly baseline: string;
}

export interface SampleRequest {
  readonly configuration: GptConfiguration;
  readonly weights: TreeRecord<HostTensor>;
  readonly baseline: MarkovModel;
  readonly codec: TokensCodec;
  /** Prompts are cut from it, so that neither model has seen how they go on. */
  readonly validation: TokenStream;
  readonly key: RandomKey;
  readonly threads?: number | undefined;
  readonly count?: number;
  /** About how many characters to generate. */
  readonly characters?: number;
}

const SETTINGS = { temperature: 0.8 };

export async function sampleBoth(request: SampleRequest): Promise<ModelSamples[]> {
  const { configuration, weights, baseline, codec, validation, key, threads, count = 3, characters = 300 } = request;
  const total = validation.length;
  const charactersAToken = codec.decode(validation.ids.subarray(0, 2000)).length / Math.min(2000, total);
  const tokens = Math.max(8, Math.round(characters / charactersAToken));
  const promptLength = Math.max(1, Math.min(Math.round(48 / charactersAToken), configuration.context >> 1, total - 1));
  const generator = new GptGenerator(configuration, weights, { threads });
  const samples: ModelSamples[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const prompt = promptAt(
        codec,
        validation,
        Math.floor(((i + 0.5) / count) * (total - promptLength)),
        promptLength,
      );
      const made: number[] = [];
      for await (const { token } of generator.generate(prompt, { ...SETTINGS, tokens, samples: 1 }, key.at(i)))
        made.push(token);
      samples.push({
        prompt: codec.decode(prompt),
        model: codec.decode(made),
        baseline: codec.decode(continueBaseline(baseline, prompt, tokens, key.at(i))),
      });
    }
  } finally {
    await generator.release();
  }
  return samples;
}

/** A prompt that begins where a line or a word does, if there is one near. */
function promptAt(codec: TokensCodec, { ids }: TokenStream, at: number, length: number): number[] {
  for (const boundary of [/\n$/, /\s$/]) {
    for (let start = at; start < Math.min(ids.length - length, at + 4 * length); start++) {
      if (start === 0 || boundary.test(codec.decode(ids.subarray(start - 1, start))))
        return [...ids.subarray(start, start + length)];
    }
  }
  return [...ids.subarray(at, at + length)];
}

export function continueBaseline(
  model: MarkovModel,
  prompt: readonly number[],
  tokens: number,
  key: RandomKey,
): number[] {
  const sampler = new Sampler(SETTINGS);
  const context = [...prompt];
  let probabilities: Float64Array | undefined;
  for (let i = 0; i < tokens; i++) {
    probabilities = model.logProbabilities(context.slice(-model.order), probabilities);
    context.push(sampler.sample(probabilities, key.at(i)));
  }
  return context.slice(prompt.length);
}
