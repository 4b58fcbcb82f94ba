/** Measures on a terminal: the table that fits. */
import type { Evidence } from "../evaluation/metrics/evidence.js";
import type { Measure } from "../evaluation/metrics/measure.js";
import { measureTable } from "../evaluation/metrics/measure-table.js";
import { formatTable, wrapText } from "./format.js";

/** What is left out first where the terminal is narrow; evidence.json has it all. */
const EXPENDABLE = ["samples", "95 % interval"];

/** The lines of everything that was measured: the table, and what its figures have in common. */
export const formatEvidence = (
  { measures, remarks = [] }: Pick<Evidence, "measures" | "remarks">,
  model: string,
  columns: number,
): string[] => [
  ...formatMeasures(measures, model, columns),
  ...(remarks.length === 0 ? [] : ["", ...remarks.map((remark) => wrapText(remark, columns))]),
];

/** The lines of a table of measures, the heading first, with as many of its columns as fit. */
export function formatMeasures(measures: readonly Measure[], model: string, columns: number): string[] {
  const { headings, rows, right } = measureTable(measures, model);
  for (let dropped = 0; ; dropped++) {
    const without = EXPENDABLE.slice(0, dropped);
    const kept = headings.flatMap((heading, i) => (without.includes(heading) ? [] : [i]));
    const lines = formatTable(
      kept.map((i) => headings[i]!),
      rows.map((row) => kept.map((i) => row[i]!)),
      right,
    );
    if (dropped === EXPENDABLE.length || Math.max(...lines.map((line) => line.length)) <= columns) return lines;
  }
}
