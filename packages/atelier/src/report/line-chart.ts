/**
 * A line chart as inline SVG, drawn by hand: no script, no library, readable in print and by a screen reader. Colours come from CSS
 * classes, so that it follows the page into dark mode.
 */
import { type Axis, linearAxis } from "./axis.js";
import { escapeHtml } from "./escape.js";
import { type Marker, renderMarker } from "./marker.js";
import { formatTick, niceTicks } from "./ticks.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** CSS class of the line: `train`, `validation`, `rate`, or one of `seriesKinds`. */
  readonly kind: string;
  /** Marks each point with a dot; for sparse series. */
  readonly dots?: boolean;
  /** The shape of the dots, so that series can be told apart without colours. */
  readonly marker?: Marker;
  /** Times the usual size of a dot; default 1. */
  readonly size?: number;
  /** Dots alone, with no line between them. */
  readonly scattered?: boolean;
}

export interface LineChart {
  /** Read out by screen readers. */
  readonly description: string;
  readonly series: readonly Series[];
  /** A dashed level line across the chart. */
  readonly level?: { readonly name: string; readonly y: number };
  readonly xLabel: string;
  /** Left out where a heading says it. */
  readonly yLabel?: string;
  /** Where the x axis ends, if not at the last point: so that charts above one another line up. */
  readonly xEnd?: number;
  /** The x axis, where it is not the usual one, even from 0. */
  readonly xAxis?: Axis;
  readonly height: number;
  /** `reversed` where what matters most is drawn last, on top. Series without a name are left out of it. */
  readonly legend?: "reversed";
  /** The y axis starts at zero, rather than near the smallest value. */
  readonly fromZero?: boolean;
}

const WIDTH = 860;
const MARGIN = { top: 14, right: 18, bottom: 46, left: 62 };
/** More points than this cannot be told apart at this width. */
const MAXIMUM_POINTS = 400;

const isFinitePoint = ({ x, y }: Point): boolean => Number.isFinite(x) && Number.isFinite(y);

/** At most `most` points: means over equal runs of neighbours. */
export function thin(points: readonly Point[], most = MAXIMUM_POINTS): readonly Point[] {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) => {
    const group = points.slice(Math.floor((i * points.length) / most), Math.floor(((i + 1) * points.length) / most));
    const mean = (pick: (point: Point) => number): number =>
      group.reduce((sum, point) => sum + pick(point), 0) / group.length;
    return { x: mean((point) => point.x), y: mean((point) => point.y) };
  });
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

/** The chart, or a sentence if there is nothing to draw. */
export function renderLineChart(chart: LineChart): string {
  const series = chart.series.map((each) => ({ ...each, points: thin(each.points.filter(isFinitePoint)) }));
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return `<p class="quiet">${escapeHtml(chart.description)}: nothing was recorded.</p>`;
  const level = chart.level !== undefined && Number.isFinite(chart.level.y) ? chart.level : undefined;

  const ys = [...points.map(({ y }) => y), ...(level === undefined ? [] : [level.y])];
  const [lowest, highest] = [Math.min(...ys), Math.max(...ys)];
  const room = (highest - lowest || Math.abs(highest) || 1) * 0.06;
  const yLow = chart.fromZero === true ? Math.min(0, lowest) : lowest - room;
  const yHigh = highest + room;
  const xLow = Math.min(0, ...points.map(({ x }) => x));
  const xHigh = Math.max(...points.map(({ x }) => x), xLow + 1, chart.xEnd ?? xLow);

  const xAxis = chart.xAxis ?? linearAxis(xLow, xHigh);

  const { height } = chart;
  const right = WIDTH - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  const px = (x: number): number => MARGIN.left + xAxis.position(x) * (right - MARGIN.left);
  const py = (y: number): number => bottom - ((y - yLow) / (yHigh - yLow)) * (bottom - MARGIN.top);

  const yTicks = niceTicks(yLow, yHigh, Math.max(2, Math.round(height / 60))).map(
    (y) =>
      `<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${round(py(y))}" y2="${round(py(y))}"/>` +
      `<text class="tick" x="${MARGIN.left - 10}" y="${round(py(y))}" dy="0.35em" text-anchor="end">${formatTick(y)}</text>`,
  );
  const xTicks = xAxis.ticks.map(
    ({ at, label }) =>
      `<line class="axis" x1="${round(px(at))}" x2="${round(px(at))}" y1="${bottom}" y2="${bottom + 5}"/>` +
      `<text class="tick" x="${round(px(at))}" y="${bottom + 20}" text-anchor="middle">${escapeHtml(label)}</text>`,
  );
  const lines = series.map(({ kind, points: own, dots, marker = "circle", size = 1, scattered }) => {
    const path = own.map(({ x, y }) => `${round(px(x))},${round(py(y))}`).join(" ");
    const marked = scattered === true || (dots === true && own.length <= 60);
    const marks = marked ? own.map(({ x, y }) => renderMarker(marker, kind, px(x), py(y), size)).join("") : "";
    return `${scattered === true ? "" : `<polyline class="line ${kind}" points="${path}"/>`}${marks}`;
  });
  const dashed =
    level === undefined
      ? ""
      : `<line class="line level" x1="${MARGIN.left}" x2="${right}" y1="${round(py(level.y))}" y2="${round(py(level.y))}"/>`;
  const named = series.filter((each) => each.points.length > 0 && each.name !== "");
  const legend = [
    ...(chart.legend === "reversed" ? named.toReversed() : named),
    ...(level === undefined ? [] : [{ name: level.name, kind: "level" }]),
  ].map(({ name, kind, ...look }: Partial<Series> & Pick<Series, "name" | "kind">) => {
    const line = look.scattered === true ? "" : `<line class="line ${kind}" x1="1" x2="33" y1="6" y2="6"/>`;
    const mark = look.marker === undefined ? "" : renderMarker(look.marker, kind, 17, 6, look.size);
    return `<li><svg width="34" height="12" aria-hidden="true">${line}${mark}</svg>${escapeHtml(name)}</li>`;
  });

  return [
    legend.length > 1 ? `<ul class="legend">${legend.join("")}</ul>` : "",
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(chart.description)}">`,
    ...yTicks,
    `<line class="axis" x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
    ...xTicks,
    dashed,
    ...lines,
    `<text class="label" x="${(MARGIN.left + right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(chart.xLabel)}</text>`,
    chart.yLabel === undefined
      ? ""
      : `<text class="label" transform="translate(14 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(chart.yLabel)}</text>`,
    "</svg>",
  ].join("\n");
}
