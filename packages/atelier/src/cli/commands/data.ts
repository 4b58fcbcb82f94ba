/** `atelier data`: datasets known by name, and what is in one of them or in a person's own files. */
import {
  type DatasetCard,
  fileSourceSchema,
  knownDatasets,
  knownPictures,
  mediumOf,
  openTextDataset,
  type PictureDefinition,
  type TextDocument,
} from "@atelier/data";
import { z } from "zod";
import { type CommandGroup, defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { formatBytes, formatCount, formatFields, formatTable, wrapText } from "../format.js";
import { required, value } from "../options.js";
import type { Output } from "../output.js";
import type { ProgressTask } from "../progress.js";
import { dataCurate } from "./data-curate.js";
import { showPictures } from "./data-show-pictures.js";

const list = defineCommand({
  name: "data list",
  summary: "list the datasets known by name",
  examples: [["atelier data", "what can be trained on without files of your own"]],
  options: {},
  positionals: {},
  async run({ out }) {
    const texts = knownDatasets.map(({ name, title, origin, licence, package: { spec, bytes } }) => ({
      name,
      title,
      origin,
      licence,
      package: spec,
      downloadBytes: bytes,
    }));
    const pictures = knownPictures.map(listed);
    const rows = [...texts, ...pictures].map(({ name, title, downloadBytes }) => [
      name,
      title,
      downloadBytes === 0 ? "-" : formatBytes(downloadBytes),
    ]);
    const [headings, ...lines] = formatTable(["DATASET", "TITLE", "DOWNLOAD"], rows, ["DOWNLOAD"]);
    out.text(out.style.dim(headings!));
    for (const line of lines) out.text(line);
    out.text();
    out.text(
      "Any text, source code, .jsonl or .csv, or pictures of your own will do too: atelier data show ./my-texts",
    );
    return [...texts, ...pictures];
  },
});

/** Pictures that no package holds come from what is installed on the machine: nothing is downloaded. */
function listed(definition: PictureDefinition) {
  const { name, title, origin, licence } = definition;
  const packages = "packages" in definition ? definition.packages : [];
  const downloadBytes = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  return { name, title, origin, licence, package: packages.map(({ spec }) => spec).join(", "), downloadBytes };
}

/** Of how many documents the beginning is shown, and how much of it. */
const PREVIEWS = 3;
const PREVIEW_LENGTH = 240;

interface Survey {
  /** By the ending of their names; "" is none. */
  readonly kinds: Readonly<Record<string, { readonly documents: number; readonly bytes: number }>>;
  /** How many documents have at least so many characters, and fewer than the next: 0, 100, 1,000, … */
  readonly lengths: readonly { readonly atLeast: number; readonly documents: number }[];
  readonly longest: { readonly name: string; readonly characters: number };
  readonly previews: readonly { readonly name: string; readonly text: string }[];
}

/** What can be seen of a dataset's documents in going through them once. */
async function survey(documents: AsyncIterable<TextDocument>, passed: (bytes: number) => void): Promise<Survey> {
  const kinds: Record<string, { documents: number; bytes: number }> = {};
  const lengths: number[] = [];
  const previews: { name: string; text: string }[] = [];
  let longest = { name: "", characters: 0 };
  let characters = 0;
  for await (const { name, text, continues } of documents) {
    const bytes = Buffer.byteLength(text);
    passed(bytes);
    if (characters === 0 && previews.length < PREVIEWS) previews.push({ name, text: text.slice(0, PREVIEW_LENGTH) });
    characters += text.length;
    const ending = /[^/]\.(\w{1,10})(?:\.gz)?(?::\d+)?$/.exec(name)?.[1]?.toLowerCase() ?? "";
    kinds[ending] ??= { documents: 0, bytes: 0 };
    kinds[ending].bytes += bytes;
    if (continues === true) continue;
    kinds[ending].documents++;
    const order = characters < 100 ? 0 : Math.floor(Math.log10(characters)) - 1;
    while (lengths.length <= order) lengths.push(0);
    lengths[order]!++;
    if (characters > longest.characters) longest = { name, characters };
    characters = 0;
  }
  return {
    kinds,
    lengths: lengths.map((count, order) => ({ atLeast: order === 0 ? 0 : 10 ** (order + 1), documents: count })),
    longest,
    previews,
  };
}

const show = defineCommand({
  name: "data show",
  summary: "show what is in a dataset: origin, counts, lengths, what was skipped, how documents begin",
  details:
    "Takes a name, a file (.txt, .md, source code, .jsonl, .csv, any of them packed as .gz) or a folder, which is read as source code " +
    "where programs outweigh prose, and as pictures where it holds these: then classes, sizes and captions are shown. A dataset known by " +
    "name is fetched on first use and kept in Atelier's home.",
  examples: [
    ["atelier data show moby-dick", "fetches it once, and says what is in it"],
    ["atelier data show ./my-texts", "the same of a folder of your own"],
    ["atelier data show posts.jsonl --template '{title}: {body}'", "a text of two fields"],
    [
      "atelier data show ./photos --sheet photos.png",
      "classes, sizes and captions of pictures, and some of them on one sheet",
    ],
  ],
  options: {
    field: value(fileSourceSchema.shape.field.unwrap(), {
      summary: "the field or column that holds the text",
      placeholder: "NAME",
    }),
    template: value(fileSourceSchema.shape.template.unwrap(), {
      summary: "a text of several fields: '{title}: {body}'",
      placeholder: "TEXT",
    }),
    sheet: value(z.string().min(1), { summary: "write a contact sheet of pictures, as PNG", placeholder: "FILE" }),
  },
  positionals: { source: required("name of a dataset, or path of a file or folder") },
  async run({ home, positionals: { source }, options, out, progress, signal }) {
    const { field, template, sheet } = options;
    if (field === undefined && template === undefined && (await mediumOf(source)) === "pictures") {
      return showPictures(source, sheet, { home, out, progress, signal });
    }
    if (sheet !== undefined) {
      throw new UsageError(`--sheet is for pictures, and ${source} is read as texts`, { hint: "Leave it out." });
    }
    let shown: { readonly stage: string; readonly task: ProgressTask } | undefined;
    const report = ({ stage, done, total }: { stage: string; done: number; total: number }): void => {
      if (shown?.stage !== stage) {
        const label = stage === "download" ? "fetching" : stage === "read" ? "reading" : "looking";
        shown = { stage, task: progress.start({ label, total: megabytes(total), unit: "MB" }) };
      }
      shown.task.update(megabytes(done));
    };
    const dataset = await openTextDataset(
      field === undefined && template === undefined ? source : { path: source, field, template },
      { home, signal, onProgress: report },
    );
    const { card } = dataset;
    let done = 0;
    const seen = await survey(dataset.documents(signal), (bytes) => {
      done += bytes;
      report({ stage: "survey", done, total: card.bytes });
    });
    progress.stop();
    printCard(card, seen, out);
    return { ...card, ...seen };
  },
});

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

function printCard(card: DatasetCard, { kinds, lengths, longest, previews }: Survey, out: Output): void {
  const { style } = out;
  const skipped = card.skipped ?? [];
  const fields = formatFields(
    [
      ["dataset", style.bold(card.name)],
      ["title", card.title],
      ["origin", card.origin],
      ["licence", card.licence],
      [
        "documents",
        `${formatCount(card.documents)} (longest ${formatCount(longest.characters)} characters: ${longest.name})`,
      ],
      ["characters", formatCount(card.characters)],
      ["size", formatBytes(card.bytes)],
      ["fingerprint", card.fingerprint],
    ],
    out.columns,
  );
  for (const line of fields) out.text(line);
  const table = (headings: readonly [string, ...string[]], rows: readonly (readonly string[])[]): void => {
    out.text();
    const [first, ...rest] = formatTable(headings, rows, headings.slice(1));
    out.text(style.dim(first!));
    for (const line of rest) out.text(line);
  };
  const endings = Object.entries(kinds).sort(([, a], [, b]) => b.bytes - a.bytes);
  if (endings.some(([ending]) => ending !== "")) {
    table(
      ["KIND", "DOCUMENTS", "SIZE"],
      endings.map(([ending, { documents, bytes }]) => [
        ending === "" ? "(none)" : `.${ending}`,
        formatCount(documents),
        formatBytes(bytes),
      ]),
    );
  }
  if (card.documents > 1) {
    const names = lengths.map(({ atLeast }, i) =>
      i === lengths.length - 1
        ? `${formatCount(atLeast)} and more`
        : `${formatCount(atLeast)} to ${formatCount(lengths[i + 1]!.atLeast - 1)}`,
    );
    table(
      ["CHARACTERS", "DOCUMENTS"],
      lengths.map(({ documents }, i) => [names[i]!, formatCount(documents)]),
    );
  }
  if (skipped.length > 0) {
    out.text();
    out.text(style.yellow(`skipped ${formatCount(skipped.length)}`));
    for (const { file, reason } of skipped) out.text(`  ${file}: ${reason}`);
  }
  for (const { name, text } of previews) {
    out.text();
    out.text(style.dim(`─── ${name}`));
    out.text(wrapText(text.trimEnd(), out.columns));
  }
}

export const data: CommandGroup = {
  name: "data",
  summary: "list known datasets, and show what is in one or in files of your own",
  commands: { list, show, curate: dataCurate },
  fallback: "list",
};
