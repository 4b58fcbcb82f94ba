import { expect, it } from "vitest";
import type { FillTask } from "./fill-tasks.js";
import { judgeFills } from "./judge-fills.js";

const task = (name: string, before: string, prefix: string, middle: string, suffix = "", after = ""): FillTask => ({
  name,
  kind: "single-line",
  before,
  prefix,
  middle,
  suffix,
  after,
});

it("judges each fill by itself, and whether the whole document parses by all of it", () => {
  const tasks = [
    task("a.ts", "function f() {\n", "  return ", "x + 1;", "\n", "}\n"),
    task("a.ts", "function f() {\n", "  return ", "x + 1;", "\n", "}\n"),
    task("a.ts", "function f() {\n", "  return ", "x + 1;", "\n", "}\n"),
    task("b.py", "", "return ", "x"),
    task("broken.ts", "function (", "x", "y"),
    task("c.json", '{"a": ', "[", "1", "]", "}"),
  ];
  const judged = judgeFills(tasks, ["x + 1; ", "x + 2;", "(x", "x", "y", "1,"]);
  expect(judged.exactMatch).toEqual([1, 0, 0, 1, 1, 0]);
  // "(x" from "x + 1;": one letter put in, five taken out, over six.
  const expected = [1, 5 / 6, 1 - 6 / 6, 1, 1, 1 / 2];
  judged.editSimilarity.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
  expect(judged.parses).toEqual([true, true, false, undefined, undefined, false]);
  expect(judged.notJudged).toBe(2);
});

it("asks for one fill a task", () => {
  expect(() => judgeFills([task("a.ts", "", "", "x")], [])).toThrow("0 fills for 1 tasks");
});
