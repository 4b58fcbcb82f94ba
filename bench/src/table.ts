/** How results are shown: a table for people, a JSON array for programs. */

import type { Measurement, Row } from "./rows/row.js";

export interface Result {
  readonly row: Row;
  readonly measurement: Measurement;
}

/** Whether the row reaches its bar; undefined for a row that has none. */
export function passes({ row, measurement }: Result): boolean | undefined {
  if (row.bar === undefined) return undefined;
  const worst = row.wholeRange ? (measurement.range?.[1] ?? null) : measurement.ratio;
  return worst !== null && worst <= row.bar;
}

/** `[{ name, ours, peer, ratio, unit, range, bar, pass, note }]`; `null` stands for what there is not. */
export function toJson(results: readonly Result[]): string {
  const entries = results.map((result) => ({
    name: result.row.name,
    ours: result.measurement.ours,
    peer: result.measurement.peer,
    ratio: result.measurement.ratio,
    unit: result.row.unit,
    range: result.measurement.range ?? null,
    bar: result.row.bar ?? null,
    pass: passes(result) ?? null,
    note: result.measurement.note,
  }));
  return JSON.stringify(entries, null, 2);
}

/** An aligned table, followed by what each row was measured against. */
export function toTable(results: readonly Result[]): string {
  const header = ["name", "ours", "peer", "unit", "ratio", "range", "bar", ""];
  const lines = results.map((result) => cells(result));
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
  const isText = (column: number) => column === 0 || column === 3 || column === 7;
  const format = (line: readonly string[]) =>
    line
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  const notes = results.map(({ row, measurement }) => `${row.name}: ${row.title}\n    ${measurement.note}`);
  return [format(header), ...lines.map(format), "", ...notes].join("\n");
}

function cells(result: Result): readonly string[] {
  const { row, measurement } = result;
  const pass = passes(result);
  return [
    row.name,
    measurement.ours === null ? "—" : figure(measurement.ours),
    figure(measurement.peer),
    row.unit,
    measurement.ratio === null ? "—" : measurement.ratio.toFixed(3),
    measurement.range === undefined ? "" : measurement.range.map((ratio) => ratio.toFixed(3)).join("–"),
    row.bar === undefined ? "" : `≤ ${row.bar}`,
    pass === undefined ? "" : pass ? "pass" : "MISSED",
  ];
}

/** Four significant digits, without an exponent. */
function figure(value: number): string {
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(decimals, 6));
}
