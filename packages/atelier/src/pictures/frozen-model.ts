/**
 * A trained model of pictures that another one sees them through: a vq whose codes a gpt learns, a vae whose latents a diffusion model
 * learns. It goes along whole with that other model, its weights as their file has them and pinned by the hash in its `model.json`, so that
 * neither retraining nor removing it changes what was learnt.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadGridCodec } from "@atelier/data";
import { AtelierError, FormatError } from "@atelier/engine/errors";
import { decodeSafetensors } from "@atelier/engine/storage";
import { z } from "zod";
import type { LoadedModel } from "../model/load.js";
import { stateOf } from "../model/weights.js";
import { resolveRecipe } from "../recipe/resolve.js";
import { isTextRecipe, type PictureFamilyName, type PictureRecipe } from "../recipe/schema.js";
import { jsonRecord } from "../storage/json-file.js";
import type { ModelState } from "../training/subject.js";
import { pictureFamily } from "./families/index.js";
import type { GridModel } from "./picture-family.js";

/** What is saved of one. */
export const frozenShape = {
  /** What it was called. */
  model: z.string(),
  /** SHA-256 of `weights`. */
  sha256: z.string(),
  configuration: jsonRecord,
  /** How pictures become values. */
  image: jsonRecord,
  /** What it was trained by: which pictures were held out, and which were left out. */
  recipe: jsonRecord,
  /** Its `weights.safetensors`, in base64. */
  weights: z.base64(),
};
export type Frozen = z.infer<z.ZodObject<typeof frozenShape>>;

/** One that is ready for use. */
export interface Thawed {
  readonly model: GridModel;
  readonly state: ModelState;
  readonly recipe: PictureRecipe;
  /** `the vq fashion-mnist-vq (weights 0123456789ab)` */
  readonly words: string;
}

/** What `frozenShape` has, to be parsed. @throws where the file of its weights cannot be read */
export async function freeze({ directory, record, model }: LoadedModel): Promise<Record<keyof Frozen, unknown>> {
  const { name, configuration, weights, training } = record;
  const bytes = await readFile(join(directory, weights.file));
  return {
    model: name,
    sha256: weights.sha256,
    configuration,
    image: model.codec.toJSON(),
    recipe: training.recipe,
    weights: bytes.toString("base64"),
  };
}

const hint = "Load the codec.json that was written beside the model.";

/** What was saved. @param what it is a codec of. @throws {FormatError} naming what is missing or wrong */
export function parseFrozen<Saved>(schema: z.ZodType<Saved>, json: unknown, what: string): Saved {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new FormatError(`This is no saved codec of ${what}: ${path.join(".") || "the whole"}: ${message}`, { hint });
}

/** @throws {FormatError} for altered weights, and for a configuration or a recipe that cannot be read */
export function thaw(family: PictureFamilyName, frozen: Frozen): Thawed {
  const file = `the codec of ${frozen.model}`;
  const recipe = recipeOf(family, frozen);
  const bytes = Buffer.from(frozen.weights, "base64");
  if (createHash("sha256").update(bytes).digest("hex") !== frozen.sha256) {
    throw new FormatError(`${file}: the weights do not match their SHA-256`, {
      hint: "The file was altered or damaged.",
    });
  }
  return {
    model: pictureFamily(family).restore(frozen.configuration, loadGridCodec(frozen.image), file),
    state: stateOf(decodeSafetensors(bytes).tensors),
    recipe,
    words: `the ${family} ${frozen.model} (weights ${frozen.sha256.slice(0, 12)})`,
  };
}

function recipeOf(family: string, frozen: Frozen): PictureRecipe {
  let recipe: ReturnType<typeof resolveRecipe>;
  try {
    recipe = resolveRecipe(frozen.recipe);
  } catch (cause) {
    if (!AtelierError.isInstance(cause)) throw cause;
    throw new FormatError(`The ${family}'s recipe in the saved codec cannot be read: ${cause.message}`, {
      cause,
      hint,
    });
  }
  if (isTextRecipe(recipe))
    throw new FormatError(`The ${family}'s recipe in the saved codec is one for texts`, { hint });
  return recipe;
}
