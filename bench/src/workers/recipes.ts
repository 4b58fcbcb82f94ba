/** The recipes that the benchmark trains are the repository's own files: nanoGPT's, as peers/nanogpt.py has it, and ours. */

import { fileURLToPath } from "node:url";
import { type Recipe, readRecipe, resolveRecipe } from "@atelier/atelier";
import type { SizeName } from "./sizes.js";

/** nanoGPT's own CPU recipe, and ours of the same parameter count. */
export const recipeNames = ["nanogpt", "modern"] as const;

export type RecipeName = (typeof recipeNames)[number];

const files: Readonly<Record<RecipeName, string>> = { nanogpt: "nanogpt-cpu.json", modern: "modern-cpu.json" };

export async function readBenchRecipe(name: RecipeName): Promise<Recipe> {
  const path = fileURLToPath(new URL(`../../../recipes/${files[name]}`, import.meta.url));
  return resolveRecipe(await readRecipe(path));
}

/** nanoGPT's larger size, its GPU configuration, with the recipe otherwise the same. */
export function atSize(recipe: Recipe, size: SizeName): Recipe {
  if (size === "nanogpt-cpu") return recipe;
  return resolveRecipe({
    ...recipe,
    model: { ...recipe.model, layers: 6, heads: 6, width: 384, context: 256 },
    training: { ...recipe.training, batch: 16 },
  });
}
