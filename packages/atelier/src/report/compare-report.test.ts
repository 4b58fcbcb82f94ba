import { describe, expect, it } from "vitest";
import { categoryAxis, linearAxis, logAxis } from "./axis.js";
import {
  type ComparedRun,
  comparedFigures,
  differingSettings,
  renderComparison,
  whyNotComparable,
} from "./compare-report.js";
import { plotCurves } from "./terminal-plot.js";

const run = (name: string, width: number, loss: number): ComparedRun => ({
  name,
  state: "finished",
  step: 100,
  seconds: 12,
  seed: 1,
  recipe: { data: "a.txt", model: { width, layers: 2 }, codec: { kind: "characters" } },
  data: { title: "a", fingerprint: "f" },
  results: { loss, bitsPerByte: 2 * loss },
  curves: {
    training: [
      { step: 50, seconds: 6, loss: loss + 1 },
      { step: 100, seconds: 12, loss },
    ],
    validation: [{ step: 100, seconds: 12, loss }],
  },
});

describe("a comparison of runs", () => {
  const [a, b] = [run("a<b>", 64, 1.5), run("b", 128, 1.25)];

  it("lists only what differs, and all figures", () => {
    expect(differingSettings([a, b])).toEqual([["model.width", "64", "128"]]);
    const other = { ...b, recipe: { ...b.recipe, model: { width: 64 } } };
    expect(differingSettings([a, other])).toEqual([["model.layers", "2", "–"]]);
    expect(comparedFigures([a, b])).toContainEqual(["bits per byte", "3.000", "2.500"]);
    expect(comparedFigures([a, { ...b, results: {} }])).toContainEqual(["loss", "1.500", "–"]);
  });

  it("says where losses do not compare", () => {
    expect(whyNotComparable([a, b])).toBeUndefined();
    expect(whyNotComparable([a, { ...b, data: { title: "a", fingerprint: "g" } }])).toMatch(
      /not judged on the same text/,
    );
    expect(whyNotComparable([a, { ...b, recipe: { ...b.recipe, codec: { kind: "bpe" } } }])).toMatch(
      /bits per byte do/,
    );
  });

  it("draws each run in its own colour, dashes and marks, and escapes names", () => {
    const html = renderComparison([a, b]);
    expect(html).toContain("a&lt;b&gt;");
    expect(html).not.toContain("a<b>");
    expect(html.match(/<polyline class="line series-1"/g)).toHaveLength(4);
    expect(html.match(/<polyline class="line series-2"/g)).toHaveLength(4);
    expect(html).toMatch(/<polygon class="dot series-2"/);
    expect(html).not.toMatch(/<script|https?:|NaN|undefined/);
  });
});

describe("axes", () => {
  it("place values evenly, by factors, or one beside the other", () => {
    expect([0, 5, 10].map(linearAxis(0, 10).position)).toEqual([0, 0.5, 1]);
    const log = logAxis(0.001, 0.1);
    expect(log.position(0.01)).toBeCloseTo(0.5, 12);
    expect(log.ticks.map(({ at }) => at)).toEqual([0.001, 0.003, 0.01, 0.03, 0.1]);
    expect(logAxis(1, 1e6).ticks.map(({ at }) => at)).toEqual([1, 10, 100, 1000, 10_000, 100_000, 1_000_000]);
    const categories = categoryAxis(["a", "b"]);
    expect([0, 1].map(categories.position)).toEqual([0.25, 0.75]);
  });
});

describe("the plot on a terminal", () => {
  const paint = (text: string): string => text;

  it("draws a falling line from the upper left to the lower right, with its letter at the end", () => {
    const points = [
      { x: 0, y: 1 },
      { x: 10, y: 0 },
    ];
    const lines = plotCurves({ series: [{ letter: "A", points, paint }], xLabel: "step", columns: 40, lines: 4 });
    expect(lines).toHaveLength(6);
    const drawing = lines.slice(0, 4).map((line) => line.slice(line.indexOf("│") + 1));
    // A quarter of the width in each line; the first dot is the upper left one of its cell (U+2801).
    const starts = drawing.map((line) => line.search(/\S/));
    expect(starts[0]).toBe(0);
    expect(drawing[0]!.codePointAt(0)! & 0x01).toBe(0x01);
    for (const [i, start] of starts.entries())
      expect(Math.abs(start - (i * drawing[3]!.length) / 4)).toBeLessThanOrEqual(1);
    expect(drawing[3]!.at(-1)).toBe("A");
    expect(lines.every((line) => line.length <= 40)).toBe(true);
    expect(lines[5]).toMatch(/^ +0 .* step$/);
  });

  it("draws nothing without points or room", () => {
    expect(plotCurves({ series: [{ letter: "A", points: [], paint }], xLabel: "", columns: 80, lines: 5 })).toEqual([]);
    const one = [{ letter: "A", points: [{ x: 1, y: 1 }], paint }];
    expect(plotCurves({ series: one, xLabel: "", columns: 20, lines: 5 })).toEqual([]);
    expect(plotCurves({ series: one, xLabel: "", columns: 60, lines: 5 }).join("")).toContain("A");
  });
});
