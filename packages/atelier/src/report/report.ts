/** The report of a training run: one HTML page. Everything that came from data or models is escaped. */
import { formatCount, formatDuration, formatTime } from "../cli/format.js";
import type { LossPoint } from "../storage/index.js";
import { escapeHtml } from "./escape.js";
import { type Point, renderLineChart, type Series } from "./line-chart.js";
import { renderPage, renderSection } from "./page.js";

/** A key figure of the model, beside the baseline's on the same data. */
export interface ReportFigure {
  /** `Loss`, `Perplexity`, `Bits per byte`. */
  readonly name: string;
  readonly model: number;
  readonly baseline?: number;
  /** Which way is good. */
  readonly better: "lower" | "higher";
  /** For example `nats per token`. */
  readonly unit?: string;
}

/** A PNG that is built into the page. */
export interface ReportPicture {
  readonly title: string;
  readonly bytes: Uint8Array;
}

/** The loss of one of several phases. */
export interface ReportPhase {
  /** `generator` */
  readonly name: string;
  readonly loss: readonly LossPoint[];
}

export interface ReportSample {
  readonly prompt?: string;
  readonly model: string;
  readonly baseline?: string;
}

/** What a trainer knows when it is done. */
export interface ReportData {
  /** The run's name. */
  readonly title: string;
  /** One line under the title: family, codec, data. */
  readonly subtitle: string;
  /** One or two sentences on how it went. */
  readonly verdict?: string;
  /** When the run began, ISO 8601. */
  readonly created: string;
  /** For example `5-gram Kneser-Ney`. */
  readonly baselineName: string;
  readonly figures: readonly ReportFigure[];
  readonly training: readonly LossPoint[];
  readonly validation: readonly LossPoint[];
  /** The baseline's validation loss, in the same unit. */
  readonly baselineLoss?: number;
  /** `nats per token` */
  readonly lossUnit: string;
  /** What `validation` is, where it is not the loss that is trained, which then has a chart of its own: `Fréchet distance`. */
  readonly judgedBy?: string | undefined;
  /** In the place of `training` there, where phases have losses of their own; at most two are told apart. */
  readonly phases?: readonly ReportPhase[];
  /** What was warned of, and at which step. */
  readonly warnings?: readonly { readonly step: number; readonly message: string }[];
  readonly learningRate: readonly { readonly step: number; readonly rate: number }[];
  readonly samples: readonly ReportSample[];
  readonly pictures?: readonly ReportPicture[];
  readonly steps: number;
  readonly seconds: number;
  /** Tokens (or images, …) seen in training. */
  readonly seen?: { readonly count: number; readonly unit: string };
  readonly parameters?: number;
  readonly seed: number;
  /** Nested records are shown with dotted names. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** The dataset's card. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** Four significant digits, all shown, so that figures side by side compare; large ones as grouped whole numbers. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return "not a number";
  return Math.abs(value) < 10_000 ? value.toPrecision(4) : formatCount(Math.round(value));
}

/** `18 % lower than the baseline`, in the words of the figure. */
function comparison({ model, baseline, better }: ReportFigure): string {
  if (baseline === undefined || !(baseline > 0) || !Number.isFinite(model)) return "";
  const change = (model - baseline) / baseline;
  const percent = Math.abs(100 * change);
  if (percent < 0.05) return "the same";
  const word = change < 0 ? "lower" : "higher";
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} % ${word} (${word === better ? "better" : "worse"})`;
}

function renderFigure(figure: ReportFigure, baselineName: string): string {
  const against =
    figure.baseline === undefined
      ? ""
      : `<div class="against"><span class="verdict">${comparison(figure)}</span>${escapeHtml(baselineName)}: ${figureText(figure.baseline)}</div>`;
  const unit = figure.unit === undefined ? "" : ` <span class="quiet">(${escapeHtml(figure.unit)})</span>`;
  return `<div class="figure"><div class="name">${escapeHtml(figure.name)}${unit}</div><div class="value">${figureText(figure.model)}</div>${against}</div>`;
}

function renderSample({ prompt, model, baseline }: ReportSample, baselineName: string): string {
  const text = (kind: string, name: string, body: string): string =>
    `<div class="${kind}"><h3>${escapeHtml(name)}</h3><p class="text" dir="auto">${escapeHtml(body)}</p></div>`;
  const head =
    prompt === undefined || prompt === "" ? "" : `<div class="prompt" dir="auto">Prompt: ${escapeHtml(prompt)}</div>`;
  const pair = baseline === undefined ? "" : text("theirs", baselineName, baseline);
  return `<article class="sample">${head}<div class="pair${baseline === undefined ? " alone" : ""}">${text("ours", "Model", model)}${pair}</div></article>`;
}

const renderPicture = ({ title, bytes }: ReportPicture): string =>
  `<figure><figcaption>${escapeHtml(title)}</figcaption><img alt="${escapeHtml(title)}" ` +
  `src="data:image/png;base64,${Buffer.from(bytes).toString("base64")}"></figure>`;

/** Leaves of nested records with dotted names, as text. */
export function flatten(record: Readonly<Record<string, unknown>>, path = ""): [name: string, value: string][] {
  return Object.entries(record).flatMap(([key, value]): [string, string][] => {
    const name = path === "" ? key : `${path}.${key}`;
    if (value === undefined || value === null) return [];
    if (typeof value === "object" && !Array.isArray(value)) return flatten({ ...value }, name);
    if (typeof value === "number") return [[name, Number.isInteger(value) ? formatCount(value) : String(value)]];
    return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

function renderFacts(title: string, facts: readonly (readonly [string, string])[]): string {
  if (facts.length === 0) return "";
  const rows = facts.map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`);
  return `<section class="panel"><h3>${escapeHtml(title)}</h3><table>${rows.join("")}</table></section>`;
}

const points = (curve: readonly LossPoint[]): Point[] => curve.map(({ step, loss }) => ({ x: step, y: loss }));

/** The loss of training and validation in one chart; where the model is judged by something else, that, and the losses below it. */
function renderCurves(data: ReportData): string {
  const { judgedBy, baselineLoss, baselineName, steps, phases = [] } = data;
  const training: Series = { name: "Training", kind: "train", points: points(data.training) };
  const judged = renderLineChart({
    description: `${judgedBy ?? "Loss"} over ${formatCount(steps)} steps`,
    series: [
      ...(judgedBy === undefined ? [training] : []),
      { name: judgedBy ?? "Validation", kind: "validation", points: points(data.validation), dots: true },
    ],
    ...(baselineLoss === undefined ? {} : { level: { name: `${baselineName} (validation)`, y: baselineLoss } }),
    xEnd: steps,
    xLabel: "Step",
    yLabel: judgedBy ?? `Loss (${data.lossUnit})`,
    height: 400,
  });
  if (judgedBy === undefined) return judged;
  const losses = renderLineChart({
    description: `Losses over ${formatCount(steps)} steps`,
    series:
      phases.length === 0
        ? [training]
        : phases.map(({ name, loss }, i) => ({ name, kind: PHASE_KINDS[i] ?? "train", points: points(loss) })),
    xEnd: steps,
    xLabel: "Step",
    height: 260,
  });
  return `${judged}</div>\n<div class="panel"><h3>Losses</h3>${losses}`;
}

const PHASE_KINDS = ["train", "rate"];

const renderWarning = ({ step, message }: { readonly step: number; readonly message: string }): string =>
  `<p>Step ${formatCount(step)}: ${escapeHtml(message)}</p>`;

/** Renders a report as one self-contained HTML page. */
export function renderReport(data: ReportData): string {
  const curve = renderCurves(data);
  const rate = renderLineChart({
    description: "Learning rate over the steps",
    series: [
      { name: "Learning rate", kind: "rate", points: data.learningRate.map((at) => ({ x: at.step, y: at.rate })) },
    ],
    xEnd: data.steps,
    xLabel: "Step",
    height: 190,
    fromZero: true,
  });
  const course: [string, string][] = [
    ["steps", formatCount(data.steps)],
    ["time", formatDuration(data.seconds)],
    ...(data.seconds > 0
      ? [["steps a second", formatCount(Number((data.steps / data.seconds).toPrecision(3)))] as [string, string]]
      : []),
    ...(data.seen === undefined ? [] : [[`${data.seen.unit} seen`, formatCount(data.seen.count)] as [string, string]]),
    ...(data.parameters === undefined ? [] : [["parameters", formatCount(data.parameters)] as [string, string]]),
    // Not grouped: a seed is copied, not read.
    ["seed", String(data.seed)],
    ["begun", formatTime(data.created)],
  ];
  const facts = [
    renderFacts("Course", course),
    renderFacts("Data", flatten(data.data)),
    renderFacts("Configuration", flatten(data.configuration)),
    renderFacts("Machine and versions", [...flatten(data.machine), ...Object.entries(data.versions)]),
  ].join("\n");
  const figures = data.figures.map((figure) => renderFigure(figure, data.baselineName)).join("\n");
  return renderPage(
    data.title,
    `<header>
<h1>${escapeHtml(data.title)}</h1>
<p class="quiet">${escapeHtml(data.subtitle)}</p>
${data.verdict === undefined ? "" : `<p class="lead">${escapeHtml(data.verdict)}</p>`}
</header>
${figures === "" ? "" : `<div class="figures">\n${figures}\n</div>`}
${renderSection("Warnings", (data.warnings ?? []).map(renderWarning).join("\n"))}
${renderSection("Learning", `<div class="panels"><div class="panel">${curve}</div>\n<div class="panel"><h3>Learning rate</h3>${rate}</div></div>`)}
${renderSection("Samples", data.samples.map((sample) => renderSample(sample, data.baselineName)).join("\n"))}
${renderSection("Pictures", (data.pictures ?? []).map(renderPicture).join("\n"))}
${renderSection("Details", `<div class="facts">${facts}</div>`)}`,
  );
}
