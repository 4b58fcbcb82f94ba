/**
 * Curves in a terminal, drawn with braille characters: each cell is 2 × 4 dots (Unicode block U+2800), so a plot 60 columns wide and 12
 * lines high has 120 × 48 of them. The end of each curve carries a letter, which tells them apart where there are no colours.
 */
import { linearAxis } from "./axis.js";
import type { Point } from "./line-chart.js";

export interface PlottedSeries {
  /** One character, shown at the curve's end. */
  readonly letter: string;
  readonly points: readonly Point[];
  /** Colours a piece of text. */
  paint(text: string): string;
}

export interface TerminalPlot {
  readonly series: readonly PlottedSeries[];
  readonly xLabel: string;
  /** Width in all, in characters; a plot needs 40. */
  readonly columns: number;
  /** Lines of the drawing itself. */
  readonly lines: number;
}

/** Bits of a cell's dots by row and column, as Unicode numbers them. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

export const FEWEST_COLUMNS = 40;

/** The plot, line by line; nothing where there is nothing to draw or no room. */
export function plotCurves({ series, xLabel, columns, lines }: TerminalPlot): string[] {
  const drawn = series.map((each) => ({
    ...each,
    points: each.points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)).sort((a, b) => a.x - b.x),
  }));
  const points = drawn.flatMap((each) => each.points);
  if (points.length === 0 || columns < FEWEST_COLUMNS) return [];
  const ys = points.map(({ y }) => y);
  const yAxis = linearAxis(Math.min(...ys), Math.max(...ys), Math.max(2, Math.floor(lines / 4)));
  const xEnd = Math.max(...points.map(({ x }) => x));
  const xAxis = linearAxis(0, xEnd, 4);
  const margin = Math.max(...yAxis.ticks.map(({ label }) => label.length)) + 2;
  const width = columns - margin - 1;
  const [across, down] = [width * 2, lines * 4];
  const px = (x: number): number => Math.round(xAxis.position(x) * (across - 1));
  const py = (y: number): number => Math.round((1 - yAxis.position(y)) * (down - 1));

  const cells = Array.from({ length: lines }, () => new Array<{ bits: number; by: number } | undefined>(width));
  const letters = new Map<string, number>();
  for (const [by, { points: own }] of drawn.entries()) {
    const dot = (x: number, y: number): void => {
      const row = cells[Math.floor(y / 4)]!;
      const at = Math.floor(x / 2);
      row[at] = { bits: (row[at]?.bits ?? 0) | DOTS[y % 4]![x % 2]!, by };
    };
    for (const [i, point] of own.entries()) {
      const [x, y] = [px(point.x), py(point.y)];
      const before = own[i - 1];
      if (before === undefined) dot(x, y);
      else strokeBetween(px(before.x), py(before.y), x, y, dot);
    }
    const last = own.at(-1);
    if (last === undefined) continue;
    // Where curves end in one cell, the later letter moves up or down to the next that is free.
    const column = Math.floor(px(last.x) / 2);
    const line = Math.floor(py(last.y) / 4);
    const free = [0, -1, 1, -2, 2, -3, 3].map((shift) => line + shift);
    const place = free.find((each) => each >= 0 && each < lines && !letters.has(`${each} ${column}`));
    if (place !== undefined) letters.set(`${place} ${column}`, by);
  }

  const labels = new Map(yAxis.ticks.map(({ at, label }) => [Math.floor(py(at) / 4), label]));
  const body = cells.map((row, line) => {
    const text = Array.from({ length: width }, (_, column) => {
      const ending = letters.get(`${line} ${column}`);
      if (ending !== undefined) return drawn[ending]!.paint(drawn[ending]!.letter);
      const cell = row[column];
      return cell === undefined ? " " : drawn[cell.by]!.paint(String.fromCodePoint(0x2800 + cell.bits));
    });
    return `${(labels.get(line) ?? "").padStart(margin - 1)} │${text.join("").trimEnd()}`;
  });
  return [
    ...body,
    `${" ".repeat(margin)}└${"─".repeat(width)}`,
    xLabels(xAxis.ticks, width, margin, xAxis.position, xLabel),
  ];
}

/** A straight stroke of dots (Bresenham, 1965). */
function strokeBetween(x0: number, y0: number, x1: number, y1: number, dot: (x: number, y: number) => void): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let i = 0; i <= steps; i++)
    dot(Math.round(x0 + ((x1 - x0) * i) / steps), Math.round(y0 + ((y1 - y0) * i) / steps));
}

/** The line under the axis: what it counts at the right, and ticks at their places as far as nothing touches. */
function xLabels(
  ticks: readonly { readonly at: number; readonly label: string }[],
  width: number,
  margin: number,
  position: (x: number) => number,
  name: string,
): string {
  const end = margin + 1 + width - name.length;
  let line = "";
  for (const { at, label } of ticks) {
    const column = margin + 1 + Math.round(position(at) * (width - 1));
    const start = Math.max(margin, column - Math.floor(label.length / 2));
    if ((line === "" || start > line.length) && start + label.length < end) line = line.padEnd(start) + label;
  }
  return line.padEnd(end) + name;
}
