/** From a recipe to what is trained: the data are read, and the model over them is made. The family says of what kind they are. */
import type { DataSource, DatasetProgress, PictureSource } from "@atelier/data";
import { ArgumentError } from "@atelier/engine";
import { isTextRecipe, type Recipe } from "../recipe/schema.js";
import type { Subject, SubjectCard } from "./subject.js";

export interface SubjectOptions {
  readonly home: string;
  /** What a program has in hand, in place of the recipe's `data`. */
  readonly data?: DataSource | PictureSource | undefined;
  /** A codec made before, as `toJSON` wrote it, when a run goes on. */
  readonly codec?: unknown;
  /** Sees the data's card before anything else is done with them. */
  readonly inspect?: ((card: SubjectCard) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

type Given = SubjectOptions["data"];
const has = (data: Given, key: "documents" | "pictures"): boolean =>
  [data].flat().some((source) => typeof source === "object" && key in source);

/** @throws {ArgumentError} where a program gave pictures for a family of texts */
export function textsOf(data: Given): DataSource | undefined {
  if (has(data, "pictures")) throw new ArgumentError("A model of texts cannot learn from pictures", { hint: FAMILIES });
  // Each of them is a path or has documents.
  return data as DataSource | undefined;
}

/** @throws {ArgumentError} where a program gave texts for a family of pictures */
export function picturesOf(data: Given): PictureSource | undefined {
  if (has(data, "documents"))
    throw new ArgumentError("A model of pictures cannot learn from texts", { hint: FAMILIES });
  // Each of them is a path or has pictures.
  return data as PictureSource | undefined;
}

const FAMILIES = "Families for texts are gpt and bert, for pictures vae, vq, gan, diffusion, upscaler and classifier.";

/** @throws typed errors of the data, the codec, the split and the sizes. */
export async function openSubject(recipe: Recipe, options: SubjectOptions): Promise<Subject> {
  if (isTextRecipe(recipe) && recipe.codec.kind === "vq") {
    const { openPictureTokensSubject } = await import("../pictures/tokens/subject.js");
    return openPictureTokensSubject(recipe, options);
  }
  if (isTextRecipe(recipe)) {
    const { openTextSubject } = await import("./text-subject.js");
    return openTextSubject(recipe, options);
  }
  // With the library for pictures behind it, which texts have no use for.
  const { openPictureSubject } = await import("../pictures/picture-subject.js");
  return openPictureSubject(recipe, options);
}
