/** Several runs side by side: what differs in their recipes, their figures, their curves by step and by time. */
import type { CurvePoint, Curves } from "./curves.js";
import { escapeHtml } from "./escape.js";
import { renderLineChart } from "./line-chart.js";
import { seriesLooks } from "./marker.js";
import { renderPage, renderSection, renderTable } from "./page.js";
import { figureText, flatten } from "./report.js";

/** More runs than this have no looks of their own. */
export const MOST_COMPARED = seriesLooks.length;

export interface ComparedRun {
  readonly name: string;
  readonly state: string;
  readonly step: number;
  readonly seconds: number | undefined;
  readonly seed: number;
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly data: { readonly title: string | undefined; readonly fingerprint: string | undefined };
  /** Key figures by name. */
  readonly results: Readonly<Record<string, number>>;
  readonly curves: Curves;
}

/** A row of a comparison: a name, and a text for each run. */
export type ComparedRow = readonly [name: string, ...values: string[]];

/** The settings that are not the same in all runs, by their dotted names; `–` where a run has none such. */
export function differingSettings(runs: readonly Pick<ComparedRun, "recipe">[]): ComparedRow[] {
  const flat = runs.map(({ recipe }) => new Map(flatten(recipe)));
  const names = [...new Set(flat.flatMap((settings) => [...settings.keys()]))];
  return names.flatMap((name): ComparedRow[] => {
    const values = flat.map((settings) => settings.get(name) ?? "–");
    return values.every((value) => value === values[0]) ? [] : [[name, ...values]];
  });
}

/** `bitsPerByte` as `bits per byte`. */
export const figureName = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** What the runs came to. */
export function comparedFigures(runs: readonly ComparedRun[]): ComparedRow[] {
  const names = [...new Set(runs.flatMap(({ results }) => Object.keys(results)))];
  const row = (name: string, of: (run: ComparedRun) => string): ComparedRow => [name, ...runs.map(of)];
  return [
    row("state", ({ state }) => state),
    row("steps", ({ step }) => step.toLocaleString("en-US")),
    row("seconds", ({ seconds }) => (seconds === undefined ? "–" : seconds.toFixed(seconds < 10 ? 1 : 0))),
    ...names.map((name) =>
      row(figureName(name), ({ results }) => (results[name] === undefined ? "–" : figureText(results[name]))),
    ),
  ];
}

/** What stands in the way of comparing losses, in words; undefined where nothing does. */
export function whyNotComparable(runs: readonly Pick<ComparedRun, "recipe" | "data">[]): string | undefined {
  const differ = (of: (run: (typeof runs)[number]) => unknown): boolean =>
    new Set(runs.map((run) => JSON.stringify(of(run) ?? null))).size > 1;
  if (differ(({ data }) => data.fingerprint) || differ(({ recipe }) => recipe.validation))
    return "They were not judged on the same text: neither losses nor bits per byte say which is better.";
  if (differ(({ recipe }) => recipe.family))
    return "They are of different families, whose losses are of different tasks.";
  if (differ(({ recipe }) => recipe.codec))
    return "Their tokens differ, so losses per token do not compare; bits per byte do.";
  return undefined;
}

/** Renders the page. */
export function renderComparison(runs: readonly ComparedRun[]): string {
  const names = runs.map(({ name }) => name);
  const settings = differingSettings(runs);
  const caution = whyNotComparable(runs);
  const table = (rows: readonly ComparedRow[], right: boolean): string =>
    renderTable(["", ...names], rows, { right: right ? names : [] });
  return renderPage(
    names.join(", "),
    `<header>
<h1>${names.map(escapeHtml).join(" · ")}</h1>
<p class="quiet">${runs.length} runs compared</p>
${caution === undefined ? "" : `<p class="lead">${escapeHtml(caution)}</p>`}
</header>
${renderSection("Validation loss", renderCurves(runs, "validation"))}
${renderSection("Training loss", renderCurves(runs, "training"))}
${renderSection("Figures", table(comparedFigures(runs), true))}
${renderSection("Settings that differ", settings.length === 0 ? '<p class="quiet">None: the recipes are the same.</p>' : table(settings, false))}`,
  );
}

function renderCurves(runs: readonly ComparedRun[], which: keyof Curves): string {
  const chart = (title: string, xLabel: string, x: (point: CurvePoint) => number): string => {
    const series = runs.map(({ name, curves }, i) => ({
      name,
      ...seriesLooks[i]!,
      dots: true,
      points: curves[which].map((point) => ({ x: x(point), y: point.loss })),
    }));
    const svg = renderLineChart({ description: `${title}, ${which}`, series, xLabel, yLabel: "Loss", height: 340 });
    return `<div class="panel"><h3>${title}</h3>${svg}</div>`;
  };
  if (runs.every(({ curves }) => curves[which].length === 0)) return "";
  return `<div class="panels">${chart("By step", "Step", ({ step }) => step)}\n${chart("By time", "Seconds", ({ seconds }) => seconds)}</div>`;
}
