/** The recipes that the benchmark trains are the repository's own files: nanoGPT's, as peers/nanogpt.py has it, and ours. */

import { fileURLToPath } from "node:url";
import { readRecipe, resolveTextRecipe, type TextRecipe } from "@atelier/atelier";
import type { SizeName } from "./sizes.js";

/** nanoGPT's own CPU recipe, and ours of the same parameter count. */
export const recipeNames = ["nanogpt", "modern"] as const;

export type RecipeName = (typeof recipeNames)[number];

const files: Readonly<Record<RecipeName, string>> = { nanogpt: "nanogpt-cpu.json", modern: "modern-cpu.json" };

export async function readBenchRecipe(name: RecipeName): Promise<TextRecipe> {
  const path = fileURLToPath(new URL(`../../../recipes/${files[name]}`, import.meta.url));
  return resolveTextRecipe(await readRecipe(path));
}

/** nanoGPT's larger size, its GPU configuration, with the recipe otherwise the same. */
export function atSize(recipe: TextRecipe, size: SizeName): TextRecipe {
  if (size === "nanogpt-cpu") return recipe;
  return resolveTextRecipe({
    ...recipe,
    model: { ...recipe.model, layers: 6, heads: 6, width: 384, context: 256 },
    training: { ...recipe.training, batch: 16 },
  });
}
