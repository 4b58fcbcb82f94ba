import { describe, expect, it } from "vitest";
import { escapeHtml } from "./escape.js";
import { renderLineChart, thin } from "./line-chart.js";
import { type ReportData, renderReport } from "./report.js";
import { formatTick, niceTicks } from "./ticks.js";

/** Made up for the test: no model was trained. */
const invented: ReportData = {
  title: "invented-run-01",
  subtitle: "made up for a test",
  created: "2026-01-02T03:04:05.000Z",
  baselineName: "5-gram",
  figures: [
    { name: "Loss", model: 1.5, baseline: 2, better: "lower", unit: "nats per token" },
    { name: "Perplexity", model: 4.4817, better: "lower" },
    { name: "Accuracy", model: 0.4, baseline: 0.5, better: "higher" },
  ],
  training: [
    { step: 0, loss: 4 },
    { step: 50, loss: Number.NaN },
    { step: 100, loss: 2 },
  ],
  validation: [{ step: 100, loss: 2.5 }],
  baselineLoss: 2,
  lossUnit: "nats per token",
  learningRate: [
    { step: 0, rate: 0 },
    { step: 100, rate: 3e-4 },
  ],
  samples: [{ prompt: "Call me", model: "first\nsecond", baseline: "third" }, { model: "alone" }],
  steps: 100,
  seconds: 125,
  seen: { count: 1234567, unit: "tokens" },
  seed: 20260102,
  configuration: { model: { layers: 4, heads: [1, 2] }, rate: 0.0003 },
  data: { name: "invented", licence: "none" },
  machine: { cores: 2 },
  versions: { node: "20.20.2" },
};

/** Tags in order, with void elements left out; and a check that they nest. */
function checkNesting(html: string): void {
  const open: string[] = [];
  for (const [, slash, name, selfClosed] of html
    .replace(/<style>.*?<\/style>/s, "")
    .matchAll(/<(\/?)([a-z][a-z0-9]*)[^<>]*?(\/?)>/gi)) {
    if (name === "meta" || selfClosed === "/") continue;
    if (slash === "") open.push(name!);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
}

describe("renderReport", () => {
  const html = renderReport(invented);

  it("is one well-formed page that asks nobody for anything", () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    checkNesting(html);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|\shref=|url\(|@import|https?:/i);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain("prefers-color-scheme: dark");
  });

  it("sets the model beside the baseline", () => {
    expect(html).toContain(
      '<div class="value">1.500</div><div class="against"><span class="verdict">25 % lower (better)</span>5-gram: 2.000<',
    );
    expect(html).toContain("20 % lower (worse)");
    expect(html).toContain('<div class="value">4.482</div></div>');
    expect(html.match(/class="theirs"/g)).toHaveLength(1);
    expect(html).toContain("first\nsecond");
  });

  it("tells of time, steps, configuration, data, machine and versions", () => {
    for (const [name, value] of [
      ["time", "2 min 05 s"],
      ["steps a second", "0.8"],
      ["tokens seen", "1,234,567"],
      ["seed", "20260102"],
      ["model.layers", "4"],
      ["model.heads", "[1,2]"],
      ["rate", "0.0003"],
      ["licence", "none"],
      ["cores", "2"],
      ["node", "20.20.2"],
    ]) {
      expect(html).toContain(`<td>${name}</td><td>${value}</td>`);
    }
  });

  it("escapes every text, wherever it comes from", () => {
    const evil = `<script>alert("1")</script>&'\u0000\ud800`;
    const poison = (value: unknown): unknown =>
      typeof value === "string"
        ? evil
        : Array.isArray(value)
          ? value.map(poison)
          : typeof value === "object" && value !== null
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, poison(inner)]))
            : value;
    const poisoned = renderReport({
      ...(poison(invented) as ReportData),
      created: invented.created,
      figures: invented.figures.map((figure) => ({ ...figure, name: evil, unit: evil })),
      verdict: evil,
      configuration: { [evil]: evil },
      versions: { [evil]: evil },
    });
    expect(poisoned).not.toMatch(/<script|alert\("/);
    expect(poisoned).not.toContain("\u0000");
    expect(
      poisoned.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39;\ufffd\ufffd/g)!.length,
    ).toBeGreaterThan(20);
    checkNesting(poisoned);
  });

  it("has what the model is judged by in a chart of its own, where that is no loss, and says what was warned of", () => {
    const page = renderReport({
      ...invented,
      judgedBy: "distance",
      phases: [
        { name: "discriminator", loss: [{ step: 50, loss: 0.5 }] },
        { name: "generator", loss: [{ step: 50, loss: 0.7 }] },
      ],
      warnings: [{ step: 40, message: "modes <collapse>" }],
    });
    checkNesting(page);
    const [judged, losses] = page.split("<h3>Losses</h3>") as [string, string];
    expect(judged).toContain('aria-label="distance over 100 steps"');
    expect(judged).not.toContain("Training");
    expect(losses).toMatch(/discriminator.*generator/s);
    expect(page).toContain("Step 40: modes &lt;collapse&gt;");
    expect(renderReport(invented)).not.toContain("Warnings");
  });

  it("gets by with nothing: no samples, no curve, no baseline", () => {
    const { baselineLoss: _, ...rest } = invented;
    const bare = renderReport({
      ...rest,
      figures: [],
      training: [],
      validation: [],
      learningRate: [],
      samples: [],
      seconds: 0,
    });
    checkNesting(bare);
    expect(bare).toContain("nothing was recorded");
    expect(bare).not.toMatch(/Samples|NaN|Infinity|undefined/);
  });
});

describe("the chart", () => {
  const svg = renderLineChart({
    description: "d",
    series: [
      {
        name: "a",
        kind: "train",
        points: [
          { x: 0, y: 0 },
          { x: 5, y: Number.NaN },
          { x: 10, y: 1 },
        ],
      },
    ],
    level: { name: "bar", y: 0.5 },
    xLabel: "x",
    yLabel: "y",
    height: 300,
    fromZero: true,
  });

  it("puts values where they belong, and leaves out what is no number", () => {
    const [from, to] = /class="line train" points="([^"]*)"/
      .exec(svg)![1]!
      .split(" ")
      .map((pair) => pair.split(",").map(Number));
    const level = Number(/class="line level" x1="62" x2="842" y1="([\d.]+)"/.exec(svg)![1]);
    // The axis: x from 62 to 842, y from 254 (zero) upwards.
    expect([from![0], from![1], to![0]]).toEqual([62, 254, 842]);
    expect(level).toBeCloseTo((from![1]! + to![1]!) / 2, 1);
    expect(svg).not.toContain("NaN");
  });

  it("labels the axes with round numbers", () => {
    expect(niceTicks(0.13, 4.4, 5)).toEqual([1, 2, 3, 4]);
    expect(niceTicks(0, 0.31, 3)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(niceTicks(0, 2000, 6)).toEqual([0, 500, 1000, 1500, 2000]);
    expect(niceTicks(3, 3, 5)).toEqual([3]);
    expect([0, 1500, 20_000, 0.25, 0.0003, -2].map(formatTick)).toEqual(["0", "1,500", "20k", "0.25", "3e-4", "-2"]);
  });

  it("thins long curves by means", () => {
    const long = Array.from({ length: 1000 }, (_, i) => ({ x: i, y: i % 2 }));
    const short = thin(long, 100);
    expect(short).toHaveLength(100);
    expect(short[0]).toEqual({ x: 4.5, y: 0.5 });
    expect(thin(long.slice(0, 3), 100)).toHaveLength(3);
  });
});

it("escapes for content and attributes, keeping line ends and tabs", () => {
  expect(escapeHtml(`a<b>&"c'\n\t\u0007é😀`)).toBe("a&lt;b&gt;&amp;&quot;c&#39;\n\t\ufffdé😀");
});
