/** The latent space that a recipe asks for, and what such a recipe cannot ask for beside. */
import { RecipeError } from "../../recipe/resolve.js";
import type { PictureRecipe } from "../../recipe/schema.js";
import { LatentSpace } from "./latent-space.js";

/** The name or path of the model in whose latent space a recipe trains. */
export const latentsNamed = (recipe: PictureRecipe): string | undefined =>
  recipe.family === "diffusion" ? recipe.model.latents : undefined;

/**
 * @param saved the codec of a run that goes on
 * @returns undefined of a recipe that learns pictures themselves
 * @throws {RecipeError} for settings that have no use beside latents. @throws what `LatentSpace.open` throws
 */
export async function openLatents(
  recipe: PictureRecipe,
  home: string,
  saved?: unknown,
): Promise<LatentSpace | undefined> {
  const name = latentsNamed(recipe);
  if (name === undefined) return undefined;
  refuse(recipe, name);
  return saved === undefined ? LatentSpace.open(home, name) : LatentSpace.load(saved);
}

function refuse({ training, exclude, curation, codec }: PictureRecipe, name: string): void {
  if (training.augmentation !== undefined) {
    throw new RecipeError(
      `"training.augmentation" changes pictures anew in every step, and the latents that ${name} gives are made once`,
      { hint: `Leave it out, or augment where ${name} is trained.` },
    );
  }
  const form = codec.size ?? codec.channels;
  const asked = Object.entries({ exclude, curation, codec: form }).find(([, value]) => value !== undefined);
  if (asked === undefined) return;
  throw new RecipeError(`"${asked[0]}" cannot be set beside model.latents: pictures are taken as ${name} takes them`, {
    hint: `Leave it out, or set it where ${name} is trained.`,
  });
}
