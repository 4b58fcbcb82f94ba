/** `atelier runs compare`: several runs side by side, on the terminal and as a page. */
import { join } from "node:path";
import {
  type ComparedRow,
  type ComparedRun,
  comparedFigures,
  differingSettings,
  MOST_COMPARED,
  renderComparison,
  whyNotComparable,
} from "../../report/compare-report.js";
import { readCurves } from "../../report/curves.js";
import { FEWEST_COLUMNS, plotCurves } from "../../report/terminal-plot.js";
import { makeFolder, writeAtomic } from "../../storage/atomic.js";
import { readRun } from "../../storage/run-directory.js";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { formatTable, wrapText } from "../format.js";
import { required, rest } from "../options.js";
import type { Output, Style } from "../output.js";

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export const compare = defineCommand({
  name: "runs compare",
  summary: "compare runs: settings that differ, figures, and curves over one another",
  details: "Writes a page with the curves by step and by time, and draws the validation losses on the terminal.",
  examples: [["atelier runs compare whale shark", "what differs between the two, and what came of it"]],
  options: {},
  positionals: { first: required("name of a run, or the path of its folder"), others: rest("the runs beside it") },
  async run({ home, positionals, out }) {
    const names = [positionals.first, ...positionals.others];
    if (names.length < 2 || names.length > MOST_COMPARED) {
      throw new UsageError(`runs compare takes from 2 to ${MOST_COMPARED} runs, got ${names.length}`, {
        hint: "see them all with: atelier runs",
      });
    }
    const runs = await Promise.all(names.map((name) => readCompared(home, name)));
    const settings = differingSettings(runs);
    const figures = comparedFigures(runs);
    const caution = whyNotComparable(runs);
    const folder = join(home, "comparisons");
    await makeFolder(folder);
    const report = join(
      folder,
      `${runs
        .map(({ name }) => name)
        .join("+")
        .slice(0, 200)}.html`,
    );
    await writeAtomic(report, renderComparison(runs));
    printComparison(runs, settings, figures, out);
    if (caution !== undefined) out.text(wrapText(caution, out.columns));
    out.text(`report  ${report}`);
    return {
      runs: runs.map(({ curves: _, recipe: __, ...run }) => ({ ...run, seconds: run.seconds ?? null })),
      settings: Object.fromEntries(
        settings.map(([name, ...values]) => [
          name,
          Object.fromEntries(values.map((value, i) => [runs[i]!.name, value])),
        ]),
      ),
      comparable: caution === undefined,
      caution: caution ?? null,
      report,
    };
  },
});

async function readCompared(home: string, nameOrPath: string): Promise<ComparedRun> {
  const { record, directory, state } = await readRun(home, nameOrPath);
  const curves = await readCurves(directory);
  return {
    name: record.name,
    state,
    step: record.step,
    seconds: [...curves.training, ...curves.validation].reduce<number | undefined>(
      (most, { seconds }) => Math.max(most ?? 0, seconds),
      undefined,
    ),
    seed: record.seed,
    recipe: record.recipe,
    data: { title: text(record.data.title) ?? text(record.data.name), fingerprint: text(record.data.fingerprint) },
    results: record.results ?? {},
    curves,
  };
}

/** Lines of a drawn curve. */
const PLOT_LINES = 12;

function printComparison(
  runs: readonly ComparedRun[],
  settings: readonly ComparedRow[],
  figures: readonly ComparedRow[],
  out: Output,
): void {
  const { style } = out;
  const letters = runs.map((_, i) => String.fromCharCode(65 + i));
  const heads = runs.map(({ name }, i) => `${letters[i]} ${name}`);
  const table = (title: string, rows: readonly ComparedRow[]): void => {
    const [head, ...lines] = formatTable([title, ...heads], rows, heads);
    out.text(style.dim(head!));
    for (const line of lines) out.text(line);
    out.text();
  };
  if (settings.length === 0) out.text("the recipes are the same\n");
  else table("settings that differ", settings);
  table("", figures);
  if (!Number.isFinite(out.columns) || out.columns < FEWEST_COLUMNS) return;
  const paints = paintsOf(style);
  const plot = plotCurves({
    series: runs.map(({ curves }, i) => ({
      letter: letters[i]!,
      paint: paints[i % paints.length]!,
      points: curves.validation.map(({ step, loss }) => ({ x: step, y: loss })),
    })),
    xLabel: "step",
    columns: Math.min(out.columns, 100),
    lines: PLOT_LINES,
  });
  if (plot.length === 0) return;
  out.text(
    `validation loss: ${runs.map(({ name }, i) => paints[i % paints.length]!(`${letters[i]} ${name}`)).join("  ")}`,
  );
  for (const line of plot) out.text(line);
  out.text();
}

const paintsOf = (style: Style): ((text: string) => string)[] => [style.cyan, style.yellow, style.green, style.red];
