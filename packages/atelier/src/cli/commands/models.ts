/** `atelier models`: the models at hand. */
import { basename } from "node:path";
import { findModel, listModels, loadModel, readModelRecord, removeModel } from "../../storage/model-directory.js";
import { type CommandGroup, defineCommand } from "../command.js";
import { formatBytes, formatCount, formatFields, formatTable, formatTime } from "../format.js";
import { flag, required } from "../options.js";

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

const show = defineCommand({
  name: "models show",
  summary: "show a model: configuration, training, data, evidence; its files are checked",
  examples: [["atelier models show moby-dick-gpt-01", "everything about that model"]],
  options: {},
  positionals: { name: required("name of a model, or the path of its folder") },
  async run({ home, positionals, out }) {
    const { directory, record, evidence } = await loadModel(home, positionals.name);
    const lines = formatFields(
      [
        ["model", out.style.bold(record.name)],
        ["family", record.family],
        ["parameters", formatCount(record.parameters)],
        ["size", formatBytes(record.weights.bytes)],
        ["data", text(record.dataset.title) ?? text(record.dataset.name)],
        ["licence", text(record.dataset.licence)],
        ["created", formatTime(record.created)],
        ["weights", `sha256 ${record.weights.sha256}`],
        ["folder", directory],
        ["configuration", JSON.stringify(record.configuration)],
        ["training", JSON.stringify(record.training)],
        ["evidence", JSON.stringify(evidence)],
      ],
      out.columns,
    );
    for (const line of lines) out.text(line);
    return { ...record, directory, evidence };
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
  summary: "list, show and remove trained models",
  commands: { list, show, remove },
  fallback: "list",
};
