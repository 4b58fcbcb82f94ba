/** `atelier models compare`: the measured figures of two models side by side, and which is better where that can be said. */
import { z } from "zod";
import { type Measure, measureSchema } from "../../evaluation/metrics/measure.js";
import { formatMeasured } from "../../evaluation/metrics/measure-table.js";
import { loadModel, type Model, type ModelRecord } from "../../storage/model-directory.js";
import { defineCommand } from "../command.js";
import { formatBytes, formatCount, formatTable, wrapText } from "../format.js";
import { required } from "../options.js";

/** What a comparison reads of `evidence.json`; a model without figures has none to compare. */
const evidenceSchema = z
  .object({
    data: z.object({ fingerprint: z.string(), split: z.string().optional() }).optional(),
    measures: z.array(measureSchema).default([]),
  })
  .catch({ measures: [] });

/** What is compared of a model. */
export interface ComparedModel {
  readonly record: Pick<ModelRecord, "name" | "family" | "codec">;
  readonly data: { readonly fingerprint: string; readonly split?: string | undefined } | undefined;
  readonly measures: readonly Measure[];
}

export type Standing = "first" | "second" | "no measurable difference" | "not comparable" | "";

export interface ComparedMeasure {
  readonly name: string;
  readonly unit: string | undefined;
  readonly first: Measure | undefined;
  readonly second: Measure | undefined;
  /** Which is better, where the intervals are apart; empty where only one model has the figure. */
  readonly standing: Standing;
  /** Why they do not compare. */
  readonly reason: string | undefined;
}

/** Figures that are means over tokens, and so of as many kinds as there are codecs. */
const PER_TOKEN: ReadonlySet<string> = new Set(["loss", "perplexity"]);

/** Every figure that either model has, in the first's order. */
export function compareMeasures(a: ComparedModel, b: ComparedModel): ComparedMeasure[] {
  const names = [...new Set([...a.measures, ...b.measures].map(({ name }) => name))];
  return names.map((name) => {
    const [first, second] = [a, b].map(({ measures }) => measures.find((measure) => measure.name === name));
    const unit = (first ?? second)?.unit;
    if (first === undefined || second === undefined)
      return { name, unit, first, second, standing: "", reason: undefined };
    const reason = whyNot(a, b, first, second);
    const standing = reason === undefined ? standingOf(first, second) : "not comparable";
    return { name, unit, first, second, standing, reason };
  });
}

function whyNot(a: ComparedModel, b: ComparedModel, first: Measure, second: Measure): string | undefined {
  if (a.data === undefined || b.data === undefined) return "one does not say on which data it was measured";
  if (a.data.fingerprint !== b.data.fingerprint || a.data.split !== b.data.split) return "measured on different data";
  if (first.protocol !== second.protocol) return "measured by different protocols";
  if (first.unit !== second.unit || first.better !== second.better) return "measured in different units";
  if (PER_TOKEN.has(first.name) && a.record.codec.sha256 !== b.record.codec.sha256) return "their tokens differ";
  return undefined;
}

/** Better is what lies apart: intervals that touch say nothing, and neither do figures without any. */
function standingOf(first: Measure, second: Measure): Standing {
  const [least, most] = [first.low, first.high];
  if (least === undefined || most === undefined || second.low === undefined || second.high === undefined)
    return "no measurable difference";
  if (most < second.low) return first.better === "lower" ? "first" : "second";
  if (least > second.high) return first.better === "lower" ? "second" : "first";
  return "no measurable difference";
}

const comparedOf = ({ record, evidence }: Model): ComparedModel => {
  const { data, measures } = evidenceSchema.parse(evidence);
  return { record, data, measures };
};

const measureText = (measure: Measure | undefined): string => {
  if (measure === undefined) return "–";
  const { value, low, high, unit } = measure;
  const interval =
    low === undefined || high === undefined ? "" : ` (${formatMeasured(low, unit)} to ${formatMeasured(high, unit)})`;
  return `${formatMeasured(value, unit)}${interval}`;
};

export const compare = defineCommand({
  name: "models compare",
  summary: "compare the measured figures of two models",
  details:
    "One is called better only where the 95 % intervals are apart, and only for figures of the same data and protocol. " +
    "What cannot be compared is said to be so.",
  examples: [["atelier models compare whale shark", "their figures side by side"]],
  options: {},
  positionals: {
    first: required("name of a model, or the path of its folder"),
    second: required("the model beside it"),
  },
  async run({ home, positionals, out }) {
    const models = await Promise.all([loadModel(home, positionals.first), loadModel(home, positionals.second)]);
    const [a, b] = [comparedOf(models[0]), comparedOf(models[1])];
    const measures = compareMeasures(a, b);
    const names = [a.record.name, b.record.name];
    const standingText = ({ standing }: ComparedMeasure): string =>
      standing === "first" ? `${names[0]} is better` : standing === "second" ? `${names[1]} is better` : standing;
    const rows = [
      ["family", ...models.map(({ record }) => record.family), ""],
      ["parameters", ...models.map(({ record }) => formatCount(record.parameters)), ""],
      ["size", ...models.map(({ record }) => formatBytes(record.weights.bytes)), ""],
      ...measures.map((measure) => [
        measure.unit === undefined || measure.unit === "share" ? measure.name : `${measure.name} (${measure.unit})`,
        measureText(measure.first),
        measureText(measure.second),
        standingText(measure),
      ]),
    ];
    const [head, ...lines] = formatTable(["", ...names, ""], rows);
    out.text(out.style.dim(head!));
    for (const line of lines) out.text(line);
    for (const { record, measures: own } of [a, b])
      if (own.length === 0)
        out.text(`${record.name} has no measured figures; measure it with: atelier evaluate ${record.name}`);
    for (const reason of new Set(measures.flatMap((measure) => measure.reason ?? []))) {
      const which = measures.filter((measure) => measure.reason === reason).map(({ name }) => name);
      out.text(wrapText(`not comparable: ${which.join(", ")} (${reason})`, out.columns));
    }
    return {
      models: models.map(({ record, directory }) => ({
        name: record.name,
        directory,
        family: record.family,
        parameters: record.parameters,
        bytes: record.weights.bytes,
      })),
      measures: measures.map(({ first, second, standing, reason, ...rest }) => ({
        ...rest,
        unit: rest.unit ?? null,
        first: first ?? null,
        second: second ?? null,
        better: standing === "first" ? names[0] : standing === "second" ? names[1] : null,
        standing: standing === "" ? "only one has it" : standing,
        reason: reason ?? null,
      })),
    };
  },
});
