/**
 * `gpt` over the tokens of pictures: the family as it learns texts, with a picture where a text would be. All that is known of pictures here
 * is how many codes one has, and that the codec brings them back.
 *
 * N: pictures, n: codes of one picture.
 */
import type { PictureSet } from "@atelier/data";
import { FormatError, type RandomKey } from "@atelier/engine";
import { type GptConfiguration, gpt } from "@atelier/models";
import { kneserNeyBaseline } from "../../evaluation/baseline.js";
import type { Judgement } from "../../evaluation/judgement.js";
import { GptJudge } from "../../families/gpt/judge.js";
import type { Placement } from "../../families/text-family.js";
import { describeConfiguration } from "../../families/transformer-settings.js";
import { GptGenerator } from "../../generation/generate.js";
import { onlyText } from "../../generation/only-text.js";
import type { ModelState } from "../../training/subject.js";
import { inBatches } from "../in-batches.js";
import type {
  PassOptions,
  PictureGenerator,
  PictureJudge,
  PictureJudgement,
  PictureModel,
  PictureRequest,
  PictureRival,
  Values,
} from "../picture-family.js";
import { PictureTokensCodec, START } from "./codec.js";

/** A start and the codes of one picture: what a model of them sees at once. */
export const contextOf = (codec: Pick<PictureTokensCodec, "length">): number => codec.length + 1;

/** @param configuration with the vocabulary of the tokens, and their `contextOf` */
export function pictureTokensModel(configuration: GptConfiguration, tokens: PictureTokensCodec): PictureModel {
  return {
    family: "gpt",
    can: ["generate"],
    configuration: { ...configuration },
    codec: tokens.image,
    classes: [],
    frozenRecipe: tokens.recipe,
    trainable: gpt(configuration),
    network: "gpt",
    words: `${describeConfiguration(configuration)}, over ${tokens.description}`,
    judge: (on) => judgeOf(configuration, tokens, on),
    baseline: (train) => kneserNey(train, tokens),
    generator: (state, on) => new CodesGenerator(configuration, tokens, state, on),
    codes: (_, on) => tokens.codes(on),
  };
}

/** A saved model. @throws {FormatError} where its files do not belong together */
export function restorePictureTokensModel(
  family: string,
  configuration: GptConfiguration,
  codec: unknown,
  file: string,
): PictureModel {
  const tokens = PictureTokensCodec.load(codec);
  const { vocabulary, context } = configuration;
  if (family !== "gpt" || vocabulary !== tokens.spec.vocabulary || context !== contextOf(tokens)) {
    throw new FormatError(
      `${file}: a ${family} of ${vocabulary} tokens and a context of ${context} is no model of ${tokens.description}`,
      { hint: "Copy the model again from where it came; do not mix files of two models." },
    );
  }
  return pictureTokensModel(configuration, tokens);
}

function judgeOf(configuration: GptConfiguration, tokens: PictureTokensCodec, on: Placement): PictureJudge {
  const judge = new GptJudge(configuration, tokens, on);
  const codes = tokens.codes(on);
  return {
    protocol:
      `−log p of the ${tokens.length} codes of every held-out picture and of their end, each given those before it, row by row from the top, ` +
      "and the mean of them; what the codes leave out of a picture is not counted, so this is no likelihood of pixels",
    loss: { name: "negative log-likelihood of the codes", unit: "nats per code" },
    discrete: false,
    async judge({ params }, pictures, { signal, onProgress } = {}) {
      const items = await tokens.items(pictures, codes, { signal });
      const judgement = await judge.judge(params, items, {
        limit: items.length,
        signal,
        onProgress: (done) => onProgress?.(Math.floor(done / contextOf(tokens)), pictures.length),
      });
      return meansOf(judgement);
    },
    async release() {
      await judge.release();
      await codes.release();
    },
  };
}

/** Windows are pictures: of each, the mean over its tokens. */
const meansOf = ({ nats, counts }: Judgement): PictureJudgement => ({ losses: nats.map((sum, i) => sum / counts[i]!) });

/** The n-gram model that texts are compared with, over the same tokens and windows. */
async function kneserNey(train: PictureSet, tokens: PictureTokensCodec): Promise<PictureRival> {
  const baseline = kneserNeyBaseline(await tokens.encode(train), tokens, contextOf(tokens));
  return {
    name: `${baseline.name} over the codes`,
    async judge(pictures) {
      const items = await tokens.encode(pictures);
      return meansOf(await baseline.judge(items, { limit: items.length }));
    },
  };
}

class CodesGenerator implements PictureGenerator {
  readonly #tokens: PictureTokensCodec;
  readonly #generator: GptGenerator;
  readonly #codes: ReturnType<PictureTokensCodec["codes"]>;

  constructor(configuration: GptConfiguration, tokens: PictureTokensCodec, { params }: ModelState, on: Placement) {
    this.#tokens = tokens;
    this.#generator = new GptGenerator(configuration, params, on);
    this.#codes = tokens.codes(on);
  }

  async generate(
    { count, temperature = 1 }: PictureRequest,
    key: RandomKey,
    options: PassOptions = {},
  ): Promise<Values> {
    const { length, spec } = this.#tokens;
    const codes = new Int32Array(count * length);
    const codesOnly = onlyText(this.#tokens, undefined);
    const settings = { tokens: length, temperature, rules: () => [codesOnly] };
    await inBatches(
      count,
      async (batch) => {
        const written = new Int32Array(batch.indices.length);
        const keys = { at: (row: number) => key.at(batch.from + row) };
        const drawn = this.#generator.generate(
          [spec.specials[START]!],
          { ...settings, samples: batch.indices.length },
          keys,
          options.signal,
        );
        for await (const { row, token } of drawn) {
          if (row < batch.count) codes[(batch.from + row) * length + written[row]!++] = token;
        }
      },
      options,
    );
    return this.#codes.decode(codes, { signal: options.signal });
  }

  async release(): Promise<void> {
    await this.#generator.release();
    await this.#codes.release();
  }
}
