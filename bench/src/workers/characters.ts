/** Text as character ids, as nanoGPT's tinyshakespeare has them: an id is the character's rank among the sorted distinct ones. */

import { readFile } from "node:fs/promises";
import { RandomKey } from "@atelier/engine/random";

export interface Characters {
  readonly ids: Int32Array;
  readonly vocabulary: number;
}

export function encodeCharacters(text: string): Characters {
  const alphabet = [...new Set(text)].sort();
  const idOf = new Map(alphabet.map((character, id) => [character, id]));
  return { ids: Int32Array.from(text, (character) => idOf.get(character)!), vocabulary: alphabet.length };
}

/** The text's ids, or without a text a million random ones of as many kinds as tinyshakespeare has: a step costs the same. */
export async function charactersOf(path: string | undefined): Promise<Characters> {
  if (path !== undefined) return encodeCharacters(await readFile(path, "utf8"));
  const vocabulary = 65;
  const uniform = RandomKey.fromSeed(1337).uniform(new Float32Array(1_000_000), 0, vocabulary);
  return { ids: Int32Array.from(uniform), vocabulary };
}

/** nanoGPT's split: the first nine tenths to train on, the rest to validate on. */
export function splitCharacters(ids: Int32Array): { readonly train: Int32Array; readonly validation: Int32Array } {
  const boundary = Math.floor(ids.length * 0.9);
  return { train: ids.subarray(0, boundary), validation: ids.subarray(boundary) };
}
