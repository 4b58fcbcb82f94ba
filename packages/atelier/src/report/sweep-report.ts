/** The report of a sweep: loss against each varied setting, the curves of its trials, the table, and the winner. */
import { join } from "node:path";
import { formatCount, formatDuration } from "../cli/format.js";
import type { Dimension } from "../sweep/dimension.js";
import type { SweepPlan, SweepRecord, TrialSummary } from "../sweep/record.js";
import { settingText, sweepTable, sweepVerdict } from "../sweep/table.js";
import { type Axis, categoryAxis, linearAxis, logAxis } from "./axis.js";
import { readCurves } from "./curves.js";
import { escapeHtml } from "./escape.js";
import { renderLineChart, type Series } from "./line-chart.js";
import { seriesLooks } from "./marker.js";
import { renderPage, renderSection, renderTable } from "./page.js";

/** What a report shows of a sweep's result. */
export interface SweepOutcome {
  readonly status: "finished" | "stopped";
  readonly trials: readonly TrialSummary[];
  readonly best: { readonly trial: number; readonly command: string } | undefined;
}

const METRIC_NAMES: Readonly<Record<string, string>> = { loss: "Validation loss", bitsPerByte: "Bits per byte" };

const metricName = (metric: string): string => METRIC_NAMES[metric] ?? metric;

/** Renders the page. Curves are read from the runs that are still there. */
export async function renderSweepReport(
  home: string,
  record: SweepRecord,
  plan: SweepPlan,
  outcome: SweepOutcome,
): Promise<string> {
  const { headings, rows, right } = sweepTable(record.metric, outcome.trials);
  const failures = outcome.trials.flatMap(({ trial, failure }) =>
    failure === undefined ? [] : [`<p class="quiet">Trial ${trial}: ${escapeHtml(failure)}</p>`],
  );
  const scatter = plan.dimensions.map(
    (dimension) =>
      `<div class="panel"><h3>${escapeHtml(dimension.setting)}</h3>${renderScatter(record, dimension, outcome)}</div>`,
  );
  const seconds = outcome.trials.reduce((sum, trial) => sum + trial.seconds, 0);
  const way = record.method === "random" ? "random search" : `successive halving (η = ${record.eta})`;
  return renderPage(
    record.name,
    `<header>
<h1>${escapeHtml(record.name)}</h1>
<p class="quiet">${way} over ${plan.dimensions.length} ${plan.dimensions.length === 1 ? "setting" : "settings"}, ${formatCount(plan.trials.length)} trials, seed ${record.seed}, ${formatDuration(seconds)} of training</p>
<p class="lead">${escapeHtml(sweepVerdict(record.metric, outcome.trials))}</p>
${outcome.best === undefined ? "" : `<pre><code>${escapeHtml(outcome.best.command)}</code></pre>`}
</header>
${renderSection(`${metricName(record.metric)} against each setting`, `<div class="panels">${scatter.join("\n")}</div>`)}
${renderSection("Curves", await renderCurves(home, outcome))}
${renderSection("Trials", renderTable(headings, rows, { right, ...(outcome.best === undefined ? {} : { best: 0 }) }) + failures.join("\n"))}`,
  );
}

function renderScatter(record: SweepRecord, dimension: Dimension, { trials, best }: SweepOutcome): string {
  const { from, setting } = dimension;
  const place = placeOf(dimension);
  const points = (of: (trial: TrialSummary) => boolean) =>
    trials
      .filter(of)
      .flatMap(({ score, settings }) => (score === undefined ? [] : [{ x: place(settings[setting]), y: score }]));
  const chosen = (trial: TrialSummary): boolean => trial.trial === best?.trial;
  const full = (trial: TrialSummary): boolean => trial.status === "finished";
  const series: Series[] = [
    {
      name: "judged after fewer steps",
      kind: "faint",
      marker: "diamond",
      points: points((t) => !full(t) && !chosen(t)),
    },
    {
      name: "trained for all steps",
      kind: "series-1",
      size: 1.5,
      marker: "circle",
      points: points((t) => full(t) && !chosen(t)),
    },
    { name: "best", kind: "best", size: 2, marker: "circle", points: points(chosen) },
  ];
  return renderLineChart({
    description: `${metricName(record.metric)} against ${setting}`,
    series: series.map((each) => ({ ...each, scattered: true })),
    xAxis: axisOf(dimension),
    xLabel: from.kind === "range" && from.scale === "log" ? "log scale" : "",
    yLabel: metricName(record.metric),
    height: 300,
  });
}

/** The values of a list: numbers in ascending order, others as they were given. */
const inOrder = (values: readonly unknown[]): readonly unknown[] => {
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length === values.length ? numbers.toSorted((a, b) => a - b) : values;
};

/** Where a value of a dimension lies: numbers of a range at themselves, the values of a list one beside the other. */
function placeOf({ from }: Dimension): (value: unknown) => number {
  if (from.kind === "range") return (value) => (typeof value === "number" ? value : Number.NaN);
  const places = new Map(inOrder(from.values).map((value, i) => [JSON.stringify(value), i]));
  return (value) => places.get(JSON.stringify(value)) ?? Number.NaN;
}

/** A little wider than the range, so that no dot lies on the frame. */
function axisOf({ from }: Dimension): Axis {
  if (from.kind === "list") return categoryAxis(inOrder(from.values).map(settingText));
  const { low, high } = from;
  if (from.scale === "log") {
    const room = (high / low) ** 0.03;
    return logAxis(low / room, high * room);
  }
  const room = (high - low) * 0.03;
  return linearAxis(low - room, high + room);
}

/** Validation losses of all trials: the best ones each in its own look, the others behind them. */
async function renderCurves(home: string, { trials }: SweepOutcome): Promise<string> {
  const runs = trials.filter((trial) => trial.run !== undefined);
  const curves = await Promise.all(
    runs.map(async (trial, i) => {
      const { training, validation } = await readCurves(join(home, "runs", trial.run!)).catch(() => ({
        training: [],
        validation: [],
      }));
      return { i, trial: trial.trial, training, validation };
    }),
  );
  const chart = (
    title: string,
    of: (curve: (typeof curves)[number]) => (typeof curves)[number]["training"],
    dots: boolean,
  ) => {
    const drawn = curves.filter((curve) => of(curve).length > 1);
    if (drawn.length === 0) return "";
    const series = drawn.toReversed().map((curve): Series => {
      const look = seriesLooks[curve.i];
      const points = of(curve).map(({ step, loss }) => ({ x: step, y: loss }));
      return look === undefined
        ? { name: curve.i === seriesLooks.length ? "others" : "", kind: "faint", points }
        : { name: `trial ${curve.trial}`, ...look, dots, points };
    });
    // The best is drawn last, on top, and named first.
    const svg = renderLineChart({
      description: title,
      series,
      xLabel: "Step",
      yLabel: "Loss",
      height: 340,
      legend: "reversed",
    });
    return `<div class="panel"><h3>${title}</h3>${svg}</div>`;
  };
  const panels = [
    chart("Validation", (curve) => curve.validation, true),
    chart("Training", (curve) => curve.training, false),
  ];
  return panels.every((panel) => panel === "") ? "" : `<div class="panels">${panels.join("\n")}</div>`;
}
