/** `atelier models`: the models at hand. */
import { basename, join } from "node:path";
import { AtelierError } from "@atelier/engine/errors";
import { z } from "zod";
import { measureSchema } from "../../evaluation/metrics/measure.js";
import { findModel, listModels, loadModel, readModelRecord, removeModel } from "../../storage/model-directory.js";
import { type CommandGroup, defineCommand } from "../command.js";
import { formatBytes, formatCount, formatFields, formatTable, formatTime, wrapText } from "../format.js";
import { formatMeasures } from "../measures.js";
import { flag, required } from "../options.js";
import { compare } from "./models-compare.js";
import { importCommand } from "./models-import.js";

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const list = defineCommand({
  name: "models list",
  summary: "list all models by name",
  examples: [["atelier models", "all models, with size and origin"]],
  options: {},
  positionals: {},
  async run({ home, out }) {
    const models = await listModels(home);
    if (models.length === 0) out.text(`no models yet in ${home}`);
    else {
      const rows = models.map(({ name, model }) =>
        model instanceof Error
          ? [name, "unreadable", "", "", "", ""]
          : [
              name,
              model.family,
              formatCount(model.parameters),
              formatBytes(model.weights.bytes),
              text(model.dataset.name) ?? "",
              formatTime(model.created),
            ],
      );
      const headings = ["MODEL", "FAMILY", "PARAMETERS", "SIZE", "DATA", "CREATED"];
      const [first, ...lines] = formatTable(headings, rows, ["PARAMETERS", "SIZE"]);
      out.text(out.style.dim(first!));
      for (const line of lines) out.text(line);
      for (const { model } of models) if (model instanceof Error) out.warn(model.message);
    }
    return models.map(({ name, directory, model }) =>
      model instanceof Error
        ? { name, directory, error: model.message }
        : {
            name,
            directory,
            family: model.family,
            parameters: model.parameters,
            bytes: model.weights.bytes,
            dataset: text(model.dataset.name) ?? null,
            created: model.created,
          },
    );
  },
});

const measuresSchema = z.object({ measures: z.array(measureSchema) });

/** What a model is able to do; nothing of one that this version of Atelier cannot open. */
async function abilitiesOf(home: string, directory: string): Promise<readonly string[]> {
  const { openModel } = await import("../../model/load.js");
  try {
    return (await openModel(home, directory)).model.can;
  } catch (error) {
    if (AtelierError.isInstance(error)) return [];
    throw error;
  }
}

/** The part of a model card under `## Samples`. A card may come from anybody: no control character of it reaches the terminal. */
const samplesOf = (card: string): string | undefined =>
  card
    .split(/^## /m)
    .find((part) => part.startsWith("Samples\n"))
    ?.slice(8)
    .trim()
    .replace(/[^\P{Cc}\n\t]/gu, "\ufffd");

const show = defineCommand({
  name: "models show",
  summary: "show a model: abilities, size, data and its licence, figures, samples; its files are checked",
  examples: [["atelier models show moby-dick-gpt-01", "everything about that model"]],
  options: {},
  positionals: { name: required("name of a model, or the path of its folder") },
  async run({ home, positionals, out }) {
    const { directory, record, evidence, card } = await loadModel(home, positionals.name);
    const can = await abilitiesOf(home, directory);
    const measured = measuresSchema.safeParse(evidence);
    const samples = samplesOf(card);
    const lines = formatFields(
      [
        ["model", out.style.bold(record.name)],
        ["family", record.family],
        ["can", can.join(", ")],
        ["parameters", formatCount(record.parameters)],
        ["size", formatBytes(record.weights.bytes)],
        ["data", text(record.dataset.title) ?? text(record.dataset.name)],
        ["licence", text(record.dataset.licence) ?? "not stated"],
        ["created", formatTime(record.created)],
        ["weights", `sha256 ${record.weights.sha256}`],
        ["folder", directory],
        ["card", card === "" ? undefined : join(directory, "README.md")],
        ["configuration", JSON.stringify(record.configuration)],
        ["training", JSON.stringify(record.training)],
        ["evidence", measured.success ? undefined : JSON.stringify(evidence)],
      ],
      out.columns,
    );
    for (const line of lines) out.text(line);
    if (measured.success && measured.data.measures.length > 0) {
      const [head, ...figures] = formatMeasures(measured.data.measures, record.name, out.columns);
      out.text();
      out.text(out.style.dim(head!));
      for (const line of figures) out.text(line);
    }
    if (samples !== undefined) {
      out.text();
      out.text(out.style.dim("samples"));
      out.text(wrapText(samples, out.columns));
    }
    return { ...record, directory, can, evidence, card };
  },
});

const remove = defineCommand({
  name: "models remove",
  summary: "remove a model",
  examples: [["atelier models remove moby-dick-gpt-01 --yes", "removes it without asking"]],
  options: { yes: flag("do not ask", { short: "y" }) },
  positionals: { name: required("name of a model, or the path of its folder") },
  async run({ home, positionals, options, out, confirm }) {
    const directory = await findModel(home, positionals.name);
    const size = await readModelRecord(directory)
      .then(({ weights }) => ` (${formatBytes(weights.bytes)})`)
      .catch(() => "");
    if (!options.yes && !(await confirm(`remove the model ${basename(directory)}${size}?`))) {
      out.text("nothing was removed");
      return { removed: null };
    }
    await removeModel(home, directory);
    out.text(`removed ${directory}`);
    return { removed: directory };
  },
});

export const models: CommandGroup = {
  name: "models",
  summary: "list, show, compare, import and remove models",
  commands: { list, show, compare, import: importCommand, remove },
  fallback: "list",
};
