/** Models of a recipe over a codec that has as many tokens as asked for. */
import { CharacterCodec } from "@atelier/data";
import { resolveTextRecipe } from "../recipe/resolve.js";
import type { TextRecipe, TextRecipeInput } from "../recipe/schema.js";
import { familyNamed } from "./index.js";
import type { TextModel } from "./text-family.js";
import { transformerConfiguration } from "./transformer-settings.js";

/** A codec of `vocabulary` tokens, the special ones included. */
export function codecOf(vocabulary: number, specials: readonly string[] = []): CharacterCodec {
  const letters = Array.from({ length: vocabulary - specials.length }, (_, i) => String.fromCodePoint(0x61 + i));
  return CharacterCodec.fromTexts([letters.join("")], { specials });
}

export const recipeOf = (more: Partial<TextRecipeInput> = {}): TextRecipe =>
  resolveTextRecipe({ data: "text.txt", ...more });

export function modelOf(recipe: TextRecipe, vocabulary: number): TextModel {
  const family = familyNamed(recipe.family);
  const codec = codecOf(vocabulary, family.specials);
  return family.at(transformerConfiguration(recipe, codec.spec.vocabulary), codec);
}
