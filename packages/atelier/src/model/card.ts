/** The model card, a README.md: what the model is, how good, made of what, and how to use it (Mitchell et al. 2019, "Model cards"). */

import type { CurationReport } from "@atelier/data";
import type { Ability } from "@atelier/models";
import { formatEnergy } from "../energy/energy.js";
import { markdownTable, measureTable } from "../evaluation/metrics/measure-table.js";
import { describeConfiguration } from "../families/transformer-settings.js";
import { goalOf } from "./goal.js";
import type { TrainedModel } from "./save.js";

const whole = (n: number): string => n.toLocaleString("en-US");

export function modelCard(trained: TrainedModel): string {
  const { run, recipe, corpus, model, parameters, evidence, seconds, step } = trained;
  const { name, seed } = run.record;
  const { card } = corpus.dataset;
  const c = model.configuration;
  const energy = evidence.energy === undefined ? "" : `, ${formatEnergy(evidence.energy)}`;
  const from = recipe.from === undefined ? "" : ` It goes on from the model \`${recipe.from}\`.`;
  return [
    `# ${name}`,
    `A ${model.family.name} of ${whole(parameters)} parameters (${describeConfiguration(c)}, vocabulary ${whole(c.vocabulary)}, codec ` +
      `${model.codec.name}), trained on ${card.title} for ${whole(step)} steps in ${whole(Math.round(seconds))} s${energy}, with seed ${seed}.${from}`,
    evidence.verdict?.summary ?? "",
    goalSection(trained),
    "## Measured",
    markdownTable(measureTable(evidence.measures, name)),
    "Every figure with its protocol stands in `evidence.json`.",
    energyLine(trained),
    "## Data",
    dataSection(trained),
    "## Use",
    `\`\`\`sh\n${commands(name, model.can).join("\n")}\n\`\`\``,
    "What it writes is generated text: say so where you publish it. It knows nothing but its training text and repeats what is in it, " +
      "mistakes and prejudices included.",
    ...samplesSection(trained),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function goalSection({ recipe, evidence }: TrainedModel): string {
  const goal = goalOf(recipe.goal, evidence.measures);
  return goal === undefined ? "" : goal.text;
}

function energyLine({ evidence }: TrainedModel): string {
  const { energy } = evidence;
  if (energy === undefined) return "";
  const how = energy.method === "rapl" ? "Counted by the processor (RAPL)" : "Estimated";
  return `Energy of the training: ${formatEnergy(energy)}. ${how}: ${energy.assumption}.`;
}

function dataSection({ corpus }: TrainedModel): string {
  const { card } = corpus.dataset;
  const sizes = `${whole(card.documents)} document${card.documents === 1 ? "" : "s"}, ${whole(card.characters)} characters`;
  const left = card.skipped?.length ?? 0;
  const skipped = left === 0 ? "" : ` Files that could not be read: ${whole(left)}.`;
  const streams = `${whole(corpus.train.length)} tokens to train on, ${whole(corpus.validation.length)} held out`;
  return `${card.title}: ${sizes}; ${streams}. Origin: ${card.origin}. Licence: ${card.licence}. Fingerprint: \`${card.fingerprint}\`.${skipped}${curated(corpus.curation)}`;
}

function curated(report: CurationReport | undefined): string {
  if (report === undefined) return "";
  const { input, output, removed, pii } = report;
  const gone = Object.entries(removed).map(
    ([reason, { documents }]) => `${reason.replaceAll("-", " ")} ${whole(documents)}`,
  );
  const found = pii === undefined ? [] : Object.entries(pii.found).map(([kind, count]) => `${kind} ${whole(count)}`);
  const parts = [
    gone.length === 0 ? "" : `; removed: ${gone.join(", ")}`,
    found.length === 0 ? "" : `; personal data: ${found.join(", ")}`,
  ];
  return ` Curated: ${whole(output.documents)} of ${whole(input.documents)} documents kept${parts.join("")}.`;
}

const COMMANDS: Partial<Readonly<Record<Ability, string>>> = {
  generate: 'generate NAME --prompt "…"',
  fill: 'fill NAME "… <blank> …"',
  embed: 'embed NAME "…"',
  score: 'score NAME "…"',
};

const commands = (name: string, can: readonly Ability[]): string[] => [
  ...can.flatMap((ability) => COMMANDS[ability] ?? []).map((line) => `atelier ${line.replace("NAME", name)}`),
  `atelier evaluate ${name}`,
];

function samplesSection({ samples }: TrainedModel): string[] {
  if (samples.length === 0) return [];
  const quoted = (text: string): string =>
    text
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n");
  return [
    "## Samples",
    ...samples.map(({ prompt, model }) => `**${prompt.trim().replaceAll("\n", " ")}**\n\n${quoted(model)}`),
  ];
}
