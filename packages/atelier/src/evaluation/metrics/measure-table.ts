/** Measures as people read them, in the terminal and in Markdown. */
import type { Measure } from "./measure.js";

export interface MeasureTable {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The headings of columns of figures, which are aligned to the right. */
  readonly right: readonly string[];
}

/** `1.503`, `12,345`, `12.5 %`: four digits of a measurement, all of a whole number. */
export function formatMeasured(value: number, unit?: string): string {
  if (unit === "share") return `${(100 * value).toFixed(1)} %`;
  if (Number.isInteger(value) || Math.abs(value) >= 9999.5) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(4);
}

export const FLOOR = "held-out data";

/** One row a measure; there is a column for what they are compared with where any has a baseline, and one for floors. */
export function measureTable(measures: readonly Measure[], model: string): MeasureTable {
  const compared = measures.some(({ baseline }) => baseline !== undefined);
  const floors = measures.some(({ floor }) => floor !== undefined);
  const rows = measures.map(({ name, unit, value, low, high, baseline, floor, samples }) => [
    unit === undefined || unit === "share" ? name : `${name} (${unit})`,
    formatMeasured(value, unit),
    low === undefined || high === undefined ? "" : `${formatMeasured(low, unit)} to ${formatMeasured(high, unit)}`,
    ...(compared ? [baseline === undefined ? "" : `${formatMeasured(baseline.value, unit)} ${baseline.name}`] : []),
    ...(floors ? [floor === undefined ? "" : formatMeasured(floor.value, unit)] : []),
    samples.toLocaleString("en-US"),
  ]);
  const optional = [...(compared ? ["compared with"] : []), ...(floors ? [FLOOR] : [])];
  const headings = ["", model, "95 % interval", ...optional, "samples"];
  return { headings, rows, right: [model, FLOOR, "samples"] };
}

/** A table as Markdown has it. */
export function markdownTable({ headings, rows, right }: MeasureTable): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${headings.map((heading) => (right.includes(heading) ? "---:" : "---")).join("|")}|`;
  return [line(headings), rule, ...rows.map(line)].join("\n");
}
