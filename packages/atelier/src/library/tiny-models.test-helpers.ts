/** Untrained models in a home of the test's own. Their weights are so large that what they predict depends on what they read. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CharacterCodec, CodeCodec, type TextCodec } from "@atelier/data";
import { flattenTree, type HostTensor, hostTensor, RandomKey, Scope } from "@atelier/engine";
import type { TransformerConfiguration } from "@atelier/models";
import { afterAll } from "vitest";
import { MASK } from "../families/bert/family.js";
import { familyNamed } from "../families/index.js";
import { transformerConfiguration } from "../families/transformer-settings.js";
import { resolveTextRecipe } from "../recipe/resolve.js";
import { saveModel } from "../storage/index.js";

/** A folder that lasts as long as the calling test file. */
export function testHome(): string {
  const home = mkdtempSync(join(tmpdir(), "atelier-library-"));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

export const letters = CharacterCodec.fromTexts(['abcdefgh ,:.{}[]"0123456789\n']);
export const lettersWithEnd = CharacterCodec.fromTexts(['abcdefgh ,:.{}[]"0123456789\n'], {
  specials: ["<|endoftext|>"],
});
export const masked = CharacterCodec.fromTexts(["abcdefgh "], { specials: [MASK] });
export const code = CodeCodec.train(["const a = b(c);\n", "return b + c;\n"], { vocabulary: 270 });

export interface TinySettings {
  readonly family?: "gpt" | "bert";
  readonly codec?: TextCodec;
  readonly context?: number;
  readonly seed?: number;
  readonly preset?: "classic" | "modern";
  readonly recipe?: object;
  readonly evidence?: unknown;
}

export interface Tiny {
  readonly configuration: TransformerConfiguration;
  readonly codec: TextCodec;
}

/** Saves a model of random weights. */
export async function saveTiny(home: string, name: string, settings: TinySettings = {}): Promise<Tiny> {
  const {
    family = "gpt",
    codec = letters,
    context = 24,
    seed = 1,
    preset = "modern",
    recipe = {},
    evidence = {},
  } = settings;
  const full = resolveTextRecipe({
    data: "text.txt",
    family,
    model: { preset, layers: 2, heads: 2, width: 16, context },
  });
  const configuration = transformerConfiguration(full, codec.spec.vocabulary);
  const model = familyNamed(family).at(configuration, codec);
  const { params } = Scope.declare(model.trainable.networks[model.network]!, RandomKey.fromSeed(seed));
  const weights = flattenTree<HostTensor>(params).map(([path, { shape, data }]): [string, HostTensor] => {
    const noise = RandomKey.fromSeed(seed).split(path).normal(new Float32Array(data.length), 0, 0.4);
    return [
      path,
      hostTensor(
        noise.map((value, i) => value + data[i]!),
        shape,
      ),
    ];
  });
  await saveModel(home, name, {
    family,
    configuration: { ...configuration },
    dataset: { name: "letters" },
    training: { recipe },
    weights: new Map(weights),
    codec: codec.toJSON(),
    evidence,
    card: `# ${name}\n`,
  });
  return { configuration, codec };
}
