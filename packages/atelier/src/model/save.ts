/** Saves what was trained as a model: weights, codec, model card, evidence. */
import { flattenTree, type HostTensor, type TreeRecord } from "@atelier/engine";
import type { GptConfiguration } from "@atelier/models";
import { verdict } from "../evaluation/baseline.js";
import type { LanguageScore } from "../evaluation/evaluate.js";
import type { ModelSamples } from "../generation/samples.js";
import type { Recipe } from "../recipe/schema.js";
import { type RunRecord, saveModel } from "../storage/index.js";
import type { Corpus } from "../training/corpus.js";

export interface TrainedModel {
  readonly home: string;
  readonly run: RunRecord;
  readonly recipe: Recipe;
  readonly corpus: Corpus;
  readonly configuration: GptConfiguration;
  readonly weights: TreeRecord<HostTensor>;
  readonly parameters: number;
  readonly score: LanguageScore;
  readonly baseline: { readonly score: LanguageScore; readonly name: string };
  readonly samples: readonly ModelSamples[];
  readonly seconds: number;
}

const PROTOCOL =
  "whole validation split in non-overlapping windows of the context from offset 0; both models see only the window";

/** Writes `<home>/models/<run name>` and returns the folder. */
export function saveTrainedModel(trained: TrainedModel): Promise<string> {
  const { run, recipe, corpus, configuration, weights, seconds, score, baseline } = trained;
  return saveModel(trained.home, run.name, {
    family: recipe.family,
    configuration: { ...configuration },
    dataset: { ...corpus.dataset.card },
    training: { run: run.name, recipe, seed: run.seed, seconds, versions: run.versions, machine: run.machine },
    weights: new Map(flattenTree<HostTensor>(weights)),
    codec: corpus.codec.toJSON(),
    evidence: {
      protocol: PROTOCOL,
      model: score,
      baseline: { name: baseline.name, ...baseline.score },
      tokens: score.tokens,
      data: { name: corpus.dataset.name, fingerprint: corpus.dataset.card.fingerprint, split: "validation" },
    },
    card: modelCard(trained),
  });
}

function modelCard({
  run,
  recipe,
  corpus,
  configuration: c,
  parameters,
  score,
  baseline,
  samples,
  seconds,
}: TrainedModel): string {
  const { card } = corpus.dataset;
  const row = (name: string, of: (s: LanguageScore) => string): string =>
    `| ${name} | ${of(score)} | ${of(baseline.score)} |`;
  const quoted = (text: string): string =>
    text
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n");
  return `# ${run.name}

A ${recipe.family} of ${parameters.toLocaleString("en-US")} parameters (${c.layers} layers, ${c.heads} heads, ${c.width} wide, context ${c.context}, vocabulary ${c.vocabulary}),
trained on ${card.title} for ${recipe.training.steps.toLocaleString("en-US")} steps in ${Math.round(seconds)} s with seed ${run.seed}.

${verdict(score, baseline.score, baseline.name)}

| held-out text, ${score.tokens.toLocaleString("en-US")} tokens | this model | ${baseline.name} |
|---|---|---|
${row("loss, nats per token", (s) => s.loss.toFixed(4))}
${row("perplexity", (s) => s.perplexity.toFixed(3))}
${row("bits per byte", (s) => s.bitsPerByte.toFixed(4))}

Protocol: ${PROTOCOL}.

## Data
${card.title}. Origin: ${card.origin}. Licence: ${card.licence}. Fingerprint: \`${card.fingerprint}\`.

## Use
\`\`\`sh
atelier generate ${run.name} --prompt "…"
atelier evaluate ${run.name}
\`\`\`

What it writes is generated text: say so where you publish it. It knows nothing but its training text and repeats what is in it,
mistakes and prejudices included.

## Samples
${samples.map(({ prompt, model }) => `**${prompt.trim().replaceAll("\n", " ")}**\n\n${quoted(model)}`).join("\n\n")}
`;
}
