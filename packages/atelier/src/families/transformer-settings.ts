/** From a recipe's `model` to the configuration of a transformer, and back from what `model.json` holds. */
import { FormatError } from "@atelier/engine";
import { type TransformerConfiguration, transformerPresets } from "@atelier/models";
import { z } from "zod";
import type { TextRecipe } from "../recipe/schema.js";

/** @throws {ArgumentError} naming the setting that cannot be. */
export function transformerConfiguration(
  { family, model }: Pick<TextRecipe, "family" | "model">,
  vocabulary: number,
): TransformerConfiguration {
  const { preset, layers, heads, width, context, ...changes } = model;
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return transformerPresets(family)[preset]({ vocabulary, context, layers, heads, width }, given);
}

const configurationSchema = z.strictObject({
  vocabulary: z.int(),
  context: z.int(),
  layers: z.int(),
  heads: z.int(),
  keyValueHeads: z.int(),
  width: z.int(),
  hidden: z.int(),
  bias: z.boolean(),
  dropout: z.number(),
  positions: z.enum(["learned", "rotary"]),
  norm: z.enum(["layer", "rms", "rms-plain"]),
  queryKeyNorm: z.boolean(),
  activation: z.enum(["gelu", "gelu-tanh", "relu-squared", "swiglu"]),
  tiedHead: z.boolean(),
  zeroProjections: z.boolean(),
});

/** What a saved model says of itself. @throws {FormatError} @throws {ArgumentError} for sizes that cannot be. */
export function restoreConfiguration(family: string, json: unknown, file: string): TransformerConfiguration {
  const parsed = configurationSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new FormatError(`${file}: the configuration is not that of a transformer: ${issue.path.join(".")}`, {
      hint: "The model was saved by another version, or the file was altered.",
    });
  }
  // The preset's checks run over the stored settings once more.
  return transformerPresets(family).classic(parsed.data, parsed.data);
}

/** The settings of a recipe that make a given configuration, whatever the presets become. */
export function settingsOf({ vocabulary: _, ...configuration }: TransformerConfiguration): TextRecipe["model"] {
  return { preset: "classic", ...configuration };
}

/** `4 layers, 4 heads, 128 wide, context 128` */
export const describeConfiguration = (c: TransformerConfiguration): string =>
  `${c.layers} layers, ${c.heads} heads, ${c.width} wide, context ${c.context}`;
