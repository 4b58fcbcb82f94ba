/** The model card, a README.md: what the model is, how good, made of what, and how to use it (Mitchell et al. 2019, "Model cards"). */
import { formatCount as whole } from "../cli/format.js";
import { formatEnergy } from "../energy/energy.js";
import { markdownTable, measureTable } from "../evaluation/metrics/measure-table.js";
import type { SampleFile } from "../training/subject.js";
import { goalOf } from "./goal.js";
import type { TrainedModel } from "./save.js";

export function modelCard(trained: TrainedModel): string {
  const { run, recipe, subject, parameters, evidence, seconds, step } = trained;
  const { name, seed } = run.record;
  const { card, words } = subject;
  const energy = evidence.energy === undefined ? "" : `, ${formatEnergy(evidence.energy)}`;
  const from = recipe.from === undefined ? "" : ` It goes on from the model \`${recipe.from}\`.`;
  return [
    `# ${name}`,
    `A ${subject.family} of ${whole(parameters)} parameters (${words.model}; ${words.form}), trained on ${card.title} for ` +
      `${whole(step)} steps in ${whole(Math.round(seconds))} s${energy}, with seed ${seed}.${from}`,
    evidence.verdict?.summary ?? "",
    goalOf(recipe.goal, evidence.measures)?.text ?? "",
    "## Measured",
    markdownTable(measureTable(evidence.measures, name)),
    ...(evidence.remarks ?? []),
    "Every figure with its protocol stands in `evidence.json`.",
    energyLine(trained),
    "## Data",
    dataSection(trained),
    "## Use",
    `\`\`\`sh\n${[...words.commands, "evaluate NAME"].map((line) => `atelier ${line.replace("NAME", name)}`).join("\n")}\n\`\`\``,
    words.caution,
    ...samplesSection(trained),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function energyLine({ evidence }: TrainedModel): string {
  const { energy } = evidence;
  if (energy === undefined) return "";
  const how = energy.method === "rapl" ? "Counted by the processor (RAPL)" : "Estimated";
  return `Energy of the training: ${formatEnergy(energy)}. ${how}: ${energy.assumption}.`;
}

function dataSection({ subject: { card, words } }: TrainedModel): string {
  const left = card.skipped?.length ?? 0;
  const skipped = left === 0 ? "" : ` Files that could not be read: ${whole(left)}.`;
  return `${card.title}: ${words.data} Origin: ${card.origin}. Licence: ${card.licence}. Fingerprint: \`${card.fingerprint}\`.${skipped}`;
}

export const SAMPLES = "Samples";

/** Sheets of pictures that lie beside the card. */
export const picturesShown = (pictures: readonly SampleFile[]): string[] =>
  pictures.map(({ file, title }) => `**${title}**\n\n![${title}](${file})`);

function samplesSection({ findings: { samples, pictures } }: TrainedModel): string[] {
  if (samples.length + pictures.length === 0) return [];
  const quoted = (text: string): string =>
    text
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n");
  return [
    `## ${SAMPLES}`,
    ...samples.map(({ prompt, model }) => `**${prompt.trim().replaceAll("\n", " ")}**\n\n${quoted(model)}`),
    ...picturesShown(pictures),
  ];
}
