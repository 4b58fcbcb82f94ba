/** Fills a gap by writing its middle after what stands before and behind it (Bavarian et al. 2022), for models trained that way. */
import type { TextCodec } from "@atelier/data";
import { ArgumentError, type RandomKey } from "@atelier/engine";
import { generateText } from "../../generation/generate-text.js";
import { onlyText } from "../../generation/only-text.js";
import type { TextGenerator } from "../text-family.js";
import type { Filling, FillSettings, TextFiller } from "../text-tasks.js";

export class GptFiller implements TextFiller {
  readonly #generator: TextGenerator;
  readonly #codec: TextCodec;
  readonly #middle: NonNullable<TextCodec["fill"]>;
  readonly #context: number;

  /** @param middle the codec's fill-in-the-middle */
  constructor(
    generator: TextGenerator,
    codec: TextCodec,
    { middle, context }: { readonly middle: NonNullable<TextCodec["fill"]>; readonly context: number },
  ) {
    this.#generator = generator;
    this.#codec = codec;
    this.#middle = middle;
    this.#context = context;
  }

  async fill(
    parts: readonly string[],
    { choices, tokens = Math.max(1, this.#context >> 2), sampling }: FillSettings,
    key: RandomKey,
    signal?: AbortSignal,
  ): Promise<readonly (readonly Filling[])[]> {
    const [prefix, suffix] = parts;
    if (prefix === undefined || suffix === undefined || parts.length > 2) {
      throw new ArgumentError(`This model fills one gap at a time, and the text has ${parts.length - 1}`, {
        hint: "Fill one of them, and then the next in the text that comes of it.",
      });
    }
    // The special tokens of the prompt take three places.
    if (!(tokens >= 1 && tokens <= this.#context - 4)) {
      throw new ArgumentError(`A filling of ${tokens} tokens leaves no room in a context of ${this.#context}`, {
        hint: `Ask for fewer tokens: a quarter of the context is ${this.#context >> 2}.`,
      });
    }
    const prompt = this.#middle.fillPrompt(prefix, suffix, this.#context - tokens);
    const rows = Array.from({ length: choices }, () => ({ text: "", logProbability: 0 }));
    const settings = {
      ...sampling,
      tokens,
      samples: choices,
      stop: this.#middle.end,
      logProbabilities: 0,
      rules: () => [onlyText(this.#codec, this.#middle.end)],
    };
    for await (const { row, text, token } of generateText(
      this.#generator,
      this.#codec,
      prompt,
      settings,
      key,
      signal,
    )) {
      rows[row]!.text += text;
      rows[row]!.logProbability += token?.logProbability ?? 0;
    }
    return [rows.sort((a, b) => b.logProbability - a.logProbability)];
  }

  release(): Promise<void> {
    return this.#generator.release();
  }
}
