/** All families of text models. */
import { NotFoundError } from "../storage/index.js";
import { bertFamily } from "./bert/family.js";
import { gptFamily } from "./gpt/family.js";
import type { TextFamily } from "./text-family.js";

export const textFamilies: readonly TextFamily[] = [gptFamily, bertFamily];

/** @throws {NotFoundError} for one that this version does not know. */
export function familyNamed(name: string): TextFamily {
  const found = textFamilies.find((family) => family.name === name);
  if (found !== undefined) return found;
  throw new NotFoundError(`This version knows no family "${name}"`, {
    hint: `It knows ${textFamilies.map((family) => family.name).join(" and ")}; a newer version may know more.`,
  });
}
