/** `atelier data curate`: a dataset without copies, without what the filters do not want, and with personal data counted or masked. */
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type CurateOptions,
  type CurationReport,
  Curator,
  curationSchema,
  mediumOf,
  openTextDataset,
  pictureCurationSchema,
  type TextDataset,
} from "@atelier/data";
import { ArgumentError } from "@atelier/engine/errors";
import { z } from "zod";
import { exists, writeAtomic, writeJsonAtomic } from "../../storage/index.js";
import { defineCommand } from "../command.js";
import { InterruptedError, UsageError } from "../errors.js";
import { formatBytes, formatCount, formatFields, formatTable } from "../format.js";
import { decimal, flag, integer, required, value, values } from "../options.js";
import type { ProgressTask } from "../progress.js";
import { curatePictureFiles } from "./data-curate-pictures.js";
import { formatRemovedExamples } from "./removed-examples.js";

const share = decimal({ min: 0, max: 1 });
/** Characters of JSON that are written at a time. */
const writeSize = 1 << 20;

export const dataCurate = defineCommand({
  name: "data curate",
  summary: "remove copies and unwanted documents, count or mask personal data",
  details:
    "Writes the documents that stay as JSON Lines ({name, text}) and beside them, in FILE.report.json, what was removed and why. Of " +
    "pictures it makes a folder of those that stay, with what is known of them in its metadata.jsonl, and beside it a sheet of the copies. " +
    "Filters are off unless given; copies are removed and personal data is counted unless told otherwise. Of copies the first stays. The " +
    "same input gives the same output.",
  examples: [
    ["atelier data curate ./my-texts --out texts.jsonl", "removes copies, counts personal data"],
    [
      "atelier data curate posts.jsonl --out clean.jsonl --language en --min-words 50 --pii mask",
      "English posts, masked",
    ],
    ["atelier data curate ./my-texts --out texts.jsonl --near off --json", "exact copies only; the report as JSON"],
    [
      "atelier data curate ./photos --out ./clean --min-side 64",
      "pictures, those with a shorter side of under 64 pixels left out",
    ],
  ],
  options: {
    out: value(z.string().min(1), {
      summary: "the file to write; of pictures, the folder",
      placeholder: "PATH",
      short: "o",
    }),
    minLength: value(integer({ min: 1 }), { summary: "least number of characters", placeholder: "N" }),
    maxLength: value(integer({ min: 1 }), { summary: "greatest number of characters", placeholder: "N" }),
    minWords: value(integer({ min: 1 }), { summary: "least number of words", placeholder: "N" }),
    maxWords: value(integer({ min: 1 }), { summary: "greatest number of words", placeholder: "N" }),
    minLetters: value(share, { summary: "least share of letters, white space aside", placeholder: "SHARE" }),
    maxRepeatedLines: value(share, {
      summary: "greatest share of lines that repeat earlier ones of the document",
      placeholder: "SHARE",
    }),
    language: values(z.string(), {
      summary: "keep this language (en, de, …) and what is too short to tell; repeat it for several",
      placeholder: "CODE",
    }),
    pii: value(z.enum(["off", "count", "mask", "drop"]), {
      summary: "e-mail addresses, phone and card numbers: off, count (the default), mask, or drop the document",
      placeholder: "WHAT",
    }),
    exact: flag("keep exact copies", { default: true }),
    near: value(z.union([z.literal("off"), decimal({ min: 0.5, max: 1 })]), {
      summary:
        "remove what is as similar to an earlier one, from 0.5 to 1, or off; of documents the Jaccard similarity, by default 0.8, of " +
        "pictures one less the greatest difference of any of 8×8 squares, by default 0.75",
      placeholder: "SHARE",
    }),
    shingle: value(integer({ min: 1, max: 32 }), {
      summary: "words in a row that similarity compares as one, by default 5",
      placeholder: "N",
    }),
    minSide: value(integer({ min: 1 }), { summary: "least pixels of a picture's shorter side", placeholder: "N" }),
    maxSide: value(integer({ min: 1 }), { summary: "most pixels of a picture's longer side", placeholder: "N" }),
    maxAspect: value(decimal({ min: 1 }), { summary: "greatest ratio of a picture's sides", placeholder: "RATIO" }),
    minContrast: value(decimal({ min: 0, max: 0.5 }), {
      summary: "least standard deviation of a picture's values, as a share of their range",
      placeholder: "SHARE",
    }),
    distance: value(integer({ min: 0, max: 16 }), {
      summary: "bits of 64 in which hashes of pictures may differ for these to be compared, by default 8",
      placeholder: "BITS",
    }),
    yes: flag("replace an existing file without asking", { short: "y" }),
  },
  positionals: { source: required("name of a dataset, or path of a file or folder") },
  async run({ options, positionals, home, out, progress, signal, confirm }) {
    const { out: path, language, near, yes, ...rest } = options;
    if (path === undefined) throw new UsageError("there is no file to write to", { hint: "Add --out FILE.jsonl." });
    const given: Record<string, unknown> = {
      ...Object.fromEntries(Object.entries(rest).filter(([, setting]) => setting !== undefined)),
      ...(near === undefined ? {} : { near: near === "off" ? false : near }),
      ...(language.length > 0 ? { languages: language } : {}),
    };
    const { source } = positionals;
    const medium = await mediumOf(source);
    const schema = medium === "pictures" ? pictureCurationSchema : curationSchema;
    const foreign = Object.keys(given).find((name) => !(name in schema.shape));
    if (foreign !== undefined) {
      const option =
        foreign === "languages" ? "language" : foreign.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      throw new UsageError(
        `--${option} is not for ${medium === "pictures" ? "pictures" : "texts"}, which ${source} holds`,
        {
          hint: "Leave it out.",
        },
      );
    }
    if (medium === "pictures") {
      return curatePictureFiles(
        { source, out: path, settings: pictureCurationSchema.parse(given) },
        { home, out, progress, signal },
      );
    }
    const settings = curationSchema.parse(given);
    if (await exists(path)) {
      if ((await realpath(path)) === (await realpath(positionals.source).catch(() => undefined))) {
        throw new UsageError(`${path} is what is read`, { hint: "Give --out another file." });
      }
      if (!yes && !(await confirm(`replace ${path}?`))) throw new InterruptedError("nothing was changed");
    }
    let task: ProgressTask | undefined;
    const show = (label: string, done: number, total: number, note?: string): void => {
      const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
      task ??= progress.start({ label, total: megabytes(total), unit: "MB" });
      task.update(megabytes(done), note);
    };
    const dataset = await openTextDataset(positionals.source, {
      home,
      signal,
      onProgress: ({ unit, done, total }) => {
        if (unit === "bytes") show("reading", done, total);
      },
    });
    progress.stop();
    task = undefined;
    const curator = new Curator(settings);
    await writeAtomic(
      path,
      linesOf(dataset, curator, {
        signal,
        onProgress: ({ bytes, kept }) => show("curating", bytes, dataset.card.bytes, `${formatCount(kept)} kept`),
      }),
    );
    const report = { source: dataset.card, ...curator.report() };
    await writeJsonAtomic(`${path}.report.json`, report);
    progress.stop();
    for (const line of formatCurationReport(report)) out.text(line);
    out.text();
    out.text(`Written to ${path}; the report is in ${path}.report.json`);
    return { file: resolve(path), report };
  },
});

/**
 * The documents that stay as lines of JSON, about a megabyte at a time.
 * @throws ArgumentError where none stays: an empty file would be of no use to anybody.
 */
async function* linesOf(dataset: TextDataset, curator: Curator, options: CurateOptions): AsyncGenerator<string> {
  let chunk = "";
  for await (const { name, text } of curator.curate(dataset.documents(options.signal), options)) {
    chunk += `${JSON.stringify({ name, text })}\n`;
    if (chunk.length < writeSize) continue;
    yield chunk;
    chunk = "";
  }
  const { input, output, removed } = curator.report();
  if (output.documents === 0) {
    const reasons = Object.entries(removed).map(([reason, { documents }]) => `${formatCount(documents)} ${reason}`);
    throw new ArgumentError(`none of ${formatCount(input.documents)} documents is left: ${reasons.join(", ")}`, {
      hint: "Loosen the filters. Nothing was written.",
    });
  }
  yield chunk;
}

/** A report for people: what came in and went out, what was removed, with the first examples, and what was seen. */
export function formatCurationReport({ input, output, removed, pii, languages }: CurationReport): string[] {
  const amount = ({ documents, bytes }: CurationReport["input"]): string[] => [
    formatCount(documents),
    formatBytes(bytes),
  ];
  const reasons = Object.entries(removed);
  const lines = formatTable(
    ["", "DOCUMENTS", "SIZE"],
    [
      ["read", ...amount(input)],
      ...reasons.map(([reason, entry]) => [`- ${reason}`, ...amount(entry)]),
      ["kept", ...amount(output)],
    ],
    ["DOCUMENTS", "SIZE"],
  );
  lines.push(...formatRemovedExamples(removed));
  const counts = (record: Readonly<Record<string, number>>): string =>
    Object.entries(record)
      .map(([name, count]) => `${name} ${formatCount(count)}`)
      .join(", ");
  const seen = formatFields([
    ["personal data", pii && `${counts(pii.found)}, in ${formatCount(pii.documents)} documents`],
    ["languages", languages && counts(languages)],
  ]);
  if (seen.length > 0) lines.push("", ...seen);
  return lines;
}
