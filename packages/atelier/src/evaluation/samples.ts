/** What a trained model writes: samples from prompts of the held-out text, some of them beside the baseline's. */
import type { TextCodec, TokenStream } from "@atelier/data";
import type { RandomKey } from "@atelier/engine";
import type { TextGenerator } from "../families/text-family.js";
import type { TextBaseline } from "./judgement.js";

export interface ModelSamples {
  readonly prompt: string;
  readonly model: string;
  /** How the baseline goes on from the same prompt, where it can. */
  readonly baseline: string;
}

export interface SampleRequest {
  readonly generator: TextGenerator;
  readonly context: number;
  readonly baseline: TextBaseline;
  readonly codec: TextCodec;
  /** Prompts are cut from it, so that neither model has seen how they go on. */
  readonly validation: TokenStream;
  readonly key: RandomKey;
  /** How many in all, made side by side, and how many of them are shown beside the baseline's. */
  readonly count: number;
  readonly shown: number;
  /** About how many characters each. */
  readonly characters: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of tokens made, of how many at most. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export const SAMPLE_TEMPERATURE = 0.8;

/** @returns the texts of all samples without their prompts, and those to show. */
export async function sampleModel(
  request: SampleRequest,
): Promise<{ readonly texts: readonly string[]; readonly shown: readonly ModelSamples[] }> {
  const { generator, context, baseline, codec, validation, key, count, shown, characters, signal } = request;
  const total = validation.length;
  const measured = validation.read(0, 2000);
  const charactersAToken = Math.max(1e-3, codec.decode(measured).length / measured.length);
  const tokens = Math.max(8, Math.round(characters / charactersAToken));
  const promptLength = Math.max(1, Math.min(Math.round(48 / charactersAToken), context >> 1, total - 1));
  const prompts = Array.from({ length: count }, (_, i) =>
    promptAt(codec, validation, Math.floor(((i + 0.5) / count) * (total - promptLength)), promptLength),
  );
  const rows = prompts.map((): number[] => []);
  let made = 0;
  for await (const { row, token } of generator.generate(
    prompts,
    { temperature: SAMPLE_TEMPERATURE, tokens, samples: 1 },
    key,
    signal,
  )) {
    rows[row]!.push(token);
    request.onProgress?.(++made, tokens * count);
  }
  const texts = rows.map((ids) => codec.decode(ids, { specials: false }));
  // Those shown lie as far apart in the text as can be.
  const chosen = Array.from({ length: Math.min(shown, count) }, (_, i) => Math.floor(((i + 0.5) / shown) * count));
  return {
    texts,
    shown: chosen.map((i) => ({
      prompt: codec.decode(prompts[i]!, { specials: false }),
      model: texts[i]!,
      baseline:
        baseline.generate === undefined
          ? ""
          : codec.decode(baseline.generate(prompts[i]!, tokens, SAMPLE_TEMPERATURE, key.at(i)), { specials: false }),
    })),
  };
}

/** A prompt that begins where a line or a word does, if there is one near. */
function promptAt(codec: TextCodec, stream: TokenStream, at: number, length: number): number[] {
  const ids = stream.read(at, at + 5 * length);
  const textOf = (i: number): string => codec.decode(ids.subarray(i, i + 1), { specials: false });
  const begins: readonly ((i: number) => boolean)[] = [
    (i) => /\n$/.test(textOf(i - 1)),
    // White space ends a token of some codecs, and begins a word of others.
    (i) => /\s$/.test(textOf(i - 1)) || /^\s\S/.test(textOf(i)),
  ];
  for (const begin of begins) {
    for (let start = at === 0 ? 0 : 1; start <= ids.length - length; start++) {
      if (start === 0 || begin(start)) return [...ids.subarray(start, start + length)];
    }
  }
  return [...ids.subarray(0, length)];
}
