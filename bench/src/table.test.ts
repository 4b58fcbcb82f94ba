import { expect, test } from "vitest";
import type { Measurement, Row } from "./rows/row.js";
import { passes, toJson, toTable } from "./table.js";

function result(measurement: Partial<Measurement>, bar?: number) {
  const full: Measurement = { ours: 30, peer: 40, ratio: 0.75, note: "ours against theirs", ...measurement };
  const row: Row = {
    name: "step",
    title: "a step",
    unit: "ms",
    needs: [],
    measure: async () => full,
    ...(bar === undefined ? {} : { bar }),
  };
  return { row, measurement: full };
}

test("a row passes at its bar, and misses above it or when ours never got there", () => {
  expect(passes(result({}, 0.75))).toBe(true);
  expect(passes(result({}, 0.74))).toBe(false);
  expect(passes(result({ ours: null, ratio: null }, 0.75))).toBe(false);
  expect(passes(result({}))).toBeUndefined();
});

test("where the whole range counts, a row passes if all of it lies under the bar", () => {
  const whole = (range: readonly [number, number]) => {
    const { row, measurement } = result({ range }, 1);
    return passes({ row: { ...row, wholeRange: true }, measurement });
  };
  expect(whole([0.5, 0.99])).toBe(true);
  expect(whole([0.5, 1.01])).toBe(false);
});

test("JSON has the five promised keys in every entry", () => {
  const [entry] = JSON.parse(toJson([result({ range: [0.7, 0.8] }, 1)]));
  expect(entry).toMatchObject({
    name: "step",
    ours: 30,
    peer: 40,
    ratio: 0.75,
    unit: "ms",
    range: [0.7, 0.8],
    pass: true,
  });
});

test("the table lines up and prints figures at four digits", () => {
  const [header, first, second] = toTable([result({ ours: 1234.56 }, 1), result({ ours: 0.012345 }, 0.5)]).split("\n");
  expect(header).toMatch(/^name\s+ours\s+peer\s+unit\s+ratio/);
  expect(first).toMatch(/^step\s+1235\s+40\.00 {2}ms\s+0\.750\s+≤ 1 {2}pass$/);
  expect(second).toContain("0.01235");
  expect(second).toMatch(/MISSED$/);
});
