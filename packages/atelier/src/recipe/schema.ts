/**
 * Recipes: a small JSON file that says what is trained on what, and how. Every setting has a default, so that a recipe holds only what
 * is particular to it; `resolve` fills in the rest, and the run keeps the result. The family decides which settings there are.
 */
import { dataSourceSchema } from "@atelier/data";
import { z } from "zod";
import { pictureFamilySchemas } from "./picture-schema.js";
import { textRecipeShape } from "./text-schema.js";

/** What the model has to reach: `export` refuses one that misses it. */
export const goalSchema = z.strictObject({
  /** A measure of the evaluation, by its name in evidence.json. */
  metric: z.string().min(1),
  /** The worst value that is good enough. */
  threshold: z.number(),
});

const recipeShape = {
  /** The name of a known dataset, the path of a file or folder, or a list of them. */
  data: dataSourceSchema,
  /** The part of the data that is held out, where they do not bring such a part themselves. */
  validation: z.number().gt(0).lt(1).default(0.1),
  /** A model (name or path) to go on from: its family, sizes, codec and weights. */
  from: z.string().min(1).optional(),
  goal: goalSchema.optional(),
  seed: z.int().min(0).default(1),
};

export const textRecipeSchema = z.strictObject({
  ...recipeShape,
  family: z.enum(["gpt", "bert"]).default("gpt"),
  ...textRecipeShape,
});

const pictureRecipe = <Family extends keyof typeof pictureFamilySchemas>(family: Family) =>
  z.strictObject({ ...recipeShape, family: z.literal(family), ...pictureFamilySchemas[family] });

export const recipeSchema = z.discriminatedUnion("family", [
  textRecipeSchema,
  pictureRecipe("vae"),
  pictureRecipe("vq"),
  pictureRecipe("gan"),
  pictureRecipe("diffusion"),
  pictureRecipe("upscaler"),
  pictureRecipe("classifier"),
]);

export interface TextRecipe extends z.infer<typeof textRecipeSchema> {}
export type PictureRecipe = Exclude<z.infer<typeof recipeSchema>, z.infer<typeof textRecipeSchema>>;
/** A recipe with every default filled in. */
export type Recipe = TextRecipe | PictureRecipe;
export type PictureFamilyName = PictureRecipe["family"];
/** A recipe as people write it. */
export type RecipeInput = z.input<typeof recipeSchema>;
export type TextRecipeInput = z.input<typeof textRecipeSchema>;

export const isTextRecipe = (recipe: Recipe): recipe is TextRecipe => !(recipe.family in pictureFamilySchemas);
