/** From what people write to a complete recipe: files, overrides on the command line, defaults, and errors that name the setting. */
import { readFile } from "node:fs/promises";
import { AtelierError } from "@atelier/engine/errors";
import { nearest } from "@atelier/engine/nearest";
import type { z } from "zod";
import { pictureFamilySchemas } from "./picture-schema.js";
import {
  isTextRecipe,
  type PictureRecipe,
  type Recipe,
  recipeSchema,
  type TextRecipe,
  textRecipeSchema,
} from "./schema.js";

/** A recipe that cannot be: an unknown setting, a value out of range, text that is no JSON. */
export class RecipeError extends AtelierError {
  readonly code = "BAD_RECIPE";
}

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const LEAST = 'The least a recipe holds is { "data": "texts.txt" }.';

/** Reads a recipe file as it stands. @throws {RecipeError} */
export async function readRecipe(path: string): Promise<JsonObject> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new RecipeError(`The recipe ${path} cannot be read`, { cause, hint: "Check the path." });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) {
      // Tells editors what may stand in the file.
      const { $schema: _, ...recipe } = value;
      return recipe;
    }
  } catch (cause) {
    throw new RecipeError(`The recipe ${path} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      hint: "Mend the file: a recipe is one JSON object.",
    });
  }
  throw new RecipeError(`The recipe ${path} is not a JSON object`, { hint: LEAST });
}

/** Puts `a.b=c` into a recipe. The value is read as JSON where it is JSON, else as text. @throws {RecipeError} */
export function override(recipe: JsonObject, assignment: string): JsonObject {
  const at = assignment.indexOf("=");
  if (at <= 0) {
    throw new RecipeError(`"${assignment}" does not set anything`, { hint: "Write --set training.steps=500." });
  }
  const keys = assignment.slice(0, at).split(".");
  const text = assignment.slice(at + 1);
  let value: unknown = text;
  try {
    value = JSON.parse(text);
  } catch {
    // Plain text, such as a path or the name of a preset.
  }
  return put(recipe, keys, value);
}

/** A copy of a recipe with one setting replaced. */
export function put(recipe: JsonObject, [key, ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = recipe[key!];
  return { ...recipe, [key!]: rest.length === 0 ? value : put(isObject(inner) ? inner : {}, rest, value) };
}

/** Checks a recipe and fills in every default. @throws {RecipeError} naming the setting, and the nearest valid name. */
export function resolveRecipe(recipe: unknown): Recipe {
  const result = recipeSchema.safeParse(withKinds(recipe));
  if (result.success) return result.data;
  throw explain(result.error, recipe);
}

type Kinds = readonly (readonly [path: readonly string[], defaults: JsonObject])[];

/** @throws {RecipeError} also for a recipe of a family that is not for text. */
export const resolveTextRecipe = (recipe: unknown): TextRecipe => requireTextRecipe(resolveRecipe(recipe));

/** @throws {RecipeError} for a recipe of a family that is not for text. */
export function requireTextRecipe(resolved: Recipe): TextRecipe {
  if (isTextRecipe(resolved)) return resolved;
  throw new RecipeError(`The family "${resolved.family}" is not for text`, {
    hint: `Families for text are: ${textRecipeSchema.shape.family.unwrap().options.join(", ")}.`,
  });
}

/** @throws {RecipeError} for a recipe of a family that is not for pictures. */
export function requirePictureRecipe(resolved: Recipe): PictureRecipe {
  if (!isTextRecipe(resolved)) return resolved;
  throw new RecipeError(`The family "${resolved.family}" is not for pictures`, {
    hint: `Families for pictures are: ${Object.keys(pictureFamilySchemas).join(", ")}.`,
  });
}

/** What a part is unless it says so, so that one setting of it can be given alone: `training.optimiser.learningRate=0.01`. */
const TEXT_KINDS: Kinds = [
  [["codec"], { kind: "characters" }],
  [["training", "optimiser"], { kind: "muon" }],
  [["training", "schedule"], { kind: "stable-decay" }],
];
const PICTURE_KINDS: Kinds = [
  [["model", "network"], { kind: "convolutional" }],
  [["training", "optimiser"], { kind: "adamw" }],
  [["training", "schedule"], { kind: "constant" }],
];
const DIFFUSION_KINDS: Kinds = [
  [["model", "backbone"], { kind: "unet" }],
  [["model", "noise"], { kind: "log-normal" }],
  [["model", "weighting"], { kind: "prediction" }],
  [["training", "optimiser"], { kind: "adamw" }],
  [["training", "schedule"], { kind: "constant" }],
];
const GAN_KINDS: Kinds = [
  [["model", "generator"], { kind: "residual" }],
  [["model", "discriminator"], { kind: "convolutional" }],
  [["model", "loss"], { kind: "relativistic" }],
  [["training", "optimiser"], { kind: "adamw" }],
  [["training", "schedule"], { kind: "constant" }],
];

function kindsOf(family: unknown): Kinds {
  if (family === "gan") return GAN_KINDS;
  if (family === "diffusion") return DIFFUSION_KINDS;
  return typeof family === "string" && Object.hasOwn(pictureFamilySchemas, family) ? PICTURE_KINDS : TEXT_KINDS;
}

/** zod looks for the family before it fills in what it is by default. */
const familyOf = (recipe: unknown): unknown => (isObject(recipe) ? (recipe.family ?? "gpt") : undefined);

function withKinds(recipe: unknown): unknown {
  if (!isObject(recipe)) return recipe;
  const family = familyOf(recipe);
  return kindsOf(family).reduce<JsonObject>(
    (whole, [path, defaults]) => {
      const part = path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), whole);
      return isObject(part) && part.kind === undefined ? put(whole, path, { ...defaults, ...part }) : whole;
    },
    { ...recipe, family },
  );
}

function explain(error: z.ZodError, recipe: unknown): RecipeError {
  const issue = error.issues[0]!;
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const full = path === "" ? key : `${path}.${key}`;
    const family = String(familyOf(recipe));
    const names = settingNames(family);
    const guess = nearest(full, names);
    const of = family === "gpt" ? "" : ` for the family ${family}`;
    return new RecipeError(`The recipe has an unknown setting "${full}"${of}`, {
      hint: guess === undefined ? `Settings are: ${names.join(", ")}.` : `Did you mean "${guess}"?`,
    });
  }
  if (path === "") return new RecipeError("The recipe is not a JSON object", { hint: LEAST });
  if (path === "family") {
    const got = JSON.stringify(familyOf(recipe));
    return new RecipeError(`The recipe's "family" is not right: there is none of that name, got ${got}`, {
      hint: `Set it with --set family=…, one of ${familyNames().join(", ")}.`,
    });
  }
  const inside = (value: unknown): value is JsonObject => isObject(value) || Array.isArray(value);
  const given = issue.path.reduce<unknown>((value, key) => (inside(value) ? value[String(key)] : undefined), recipe);
  const got = given === undefined ? "" : `, got ${JSON.stringify(given)}`;
  const message = issue.message.replace(/^Invalid input: /, "").replace(/, received .*$/, "");
  return new RecipeError(`The recipe's "${path}" is not right: ${message}${got}`, {
    hint: `Set it with --set ${path}=…`,
  });
}

/** The dotted names of all settings, or of those that recipes of one family have, read off the schema. */
export function settingNames(family?: string): string[] {
  const names = new Set<string>();
  const walk = (schema: unknown, path: string): void => {
    if (!isObject(schema)) return;
    for (const part of [...list(schema.oneOf), ...list(schema.anyOf)]) walk(part, path);
    const properties = schema.properties;
    if (!isObject(properties)) {
      if (path !== "") names.add(path);
      return;
    }
    for (const [key, inner] of Object.entries(properties)) walk(inner, path === "" ? key : `${path}.${key}`);
  };
  for (const variant of recipeSchema.options) {
    if (family === undefined || variant.shape.family.safeParse(family).success) {
      walk(variant.toJSONSchema({ io: "input" }), "");
    }
  }
  return [...names].sort();
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The JSON Schema of recipes as people write them, for editors: `recipes/recipe.schema.json`. */
export const recipeJsonSchema = (): unknown => {
  const { oneOf = [], ...schema } = recipeSchema.toJSONSchema({ io: "input" });
  const variants = oneOf.map((variant) =>
    typeof variant === "object"
      ? { ...variant, properties: { $schema: { type: "string" }, ...variant.properties } }
      : variant,
  );
  return { ...schema, oneOf: variants };
};

/** The families that recipes can name. */
export const familyNames = (): string[] => [
  ...textRecipeSchema.shape.family.unwrap().options,
  ...Object.keys(pictureFamilySchemas),
];
