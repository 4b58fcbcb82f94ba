import { RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { fillTasks } from "./fill-tasks.js";

const key = RandomKey.fromSeed(5);
const documents = Array.from({ length: 6 }, (_, i) => ({
  name: `src/file${i}.ts`,
  text: `/**\n * Comment ${i} 😀\n */\n${Array.from({ length: 30 }, (_, j) => `  const x${j} = "😀${i * j}";\n\n  // more\n`).join("")}`,
}));
const textOf = (name: string): string => documents.find((document) => document.name === name)!.text;

describe("fill tasks", () => {
  const tasks = fillTasks(documents, { count: 90, key, characters: 300 });

  it("are pieces of their documents, within the budget", () => {
    expect(tasks).toHaveLength(90);
    for (const { name, before, prefix, middle, suffix, after } of tasks) {
      expect(before + prefix + middle + suffix + after).toBe(textOf(name));
      expect(prefix.length + middle.length + suffix.length).toBeLessThanOrEqual(300);
      // The budget is used up but for half a character at each end: these documents are longer.
      expect(prefix.length + middle.length + suffix.length).toBeGreaterThanOrEqual(298);
      expect(middle.length).toBeLessThanOrEqual(75);
      // A lone surrogate has no UTF-8, and this throws.
      for (const part of [before, prefix, middle, suffix, after]) encodeURIComponent(part);
    }
  });

  it("give the suffix a quarter of the room where both sides are long", () => {
    const inner = tasks.filter(({ before, after }) => before.length > 0 && after.length > 0);
    expect(inner.length).toBeGreaterThan(30);
    for (const { prefix, middle, suffix } of inner) {
      expect(Math.abs(suffix.length - (300 - middle.length) / 4)).toBeLessThanOrEqual(2);
      expect(Math.abs(prefix.length - 0.75 * (300 - middle.length))).toBeLessThanOrEqual(3);
    }
  });

  it("take the kinds and the documents in turn, and none twice", () => {
    const times = (values: readonly string[]) => [...new Set(values)].map((v) => values.filter((w) => w === v).length);
    expect(times(tasks.map(({ kind }) => kind))).toEqual([30, 30, 30]);
    for (const used of times(tasks.map(({ name }) => name))) expect(Math.abs(used - 15)).toBeLessThanOrEqual(4);
    expect(new Set(tasks.map(({ name, before, prefix, middle }) => `${name} ${before}${prefix}|${middle}`)).size).toBe(
      90,
    );
  });

  it("leave out whole lines of code, several of them, or any span", () => {
    for (const { kind, prefix, before, middle, suffix, after } of tasks) {
      expect(middle.trim()).not.toBe("");
      if (kind === "random-span") continue;
      expect((before + prefix).at(-1)).toBe("\n");
      expect((suffix + after)[0]).toBe("\n");
      const lines = middle.split("\n");
      expect(lines[0]).toMatch(/^ {2}const x\d+ = "😀\d+";$/u);
      expect(lines.at(-1)).toMatch(/^ {2}const x\d+ = "😀\d+";$/u);
      // Lines of code are three apart here.
      if (kind === "single-line") expect(lines).toHaveLength(1);
      else expect([4, 7, 10, 13]).toContain(lines.length);
    }
    const spans = tasks.filter(({ kind }) => kind === "random-span");
    expect(spans.filter(({ middle }) => !middle.startsWith("  const")).length).toBeGreaterThan(20);
  });

  it("are the same for the same key, and others for another", () => {
    expect(fillTasks(documents, { count: 90, key, characters: 300 })).toEqual(tasks);
    expect(fillTasks(documents, { count: 90, key: RandomKey.fromSeed(6), characters: 300 })).not.toEqual(tasks);
  });
});

it("makes as many tasks as there are, where few are", () => {
  const few = fillTasks([{ name: "a.ts", text: "a();\nb();\n" }], { count: 100, key });
  expect(few.length).toBeGreaterThan(2);
  expect(few.length).toBeLessThan(100);
  expect(fillTasks([{ name: "a.ts", text: "a();" }], { count: 1, key })).toEqual([
    { name: "a.ts", kind: "single-line", before: "", prefix: "", middle: "a();", suffix: "", after: "" },
  ]);
});

it("refuses what holds no task", () => {
  const comments = "// a\n/* b */\n * c\n# d\n\n{}\n";
  expect(() => fillTasks([{ name: "a.ts", text: comments }], { count: 1, key })).toThrow(/no line of code/);
  expect(() => fillTasks([], { count: 1, key })).toThrow(/no line of code/);
  expect(() => fillTasks([{ name: "a.ts", text: `x${"y".repeat(500)}` }], { count: 1, key })).toThrow(/no line/);
  expect(() => fillTasks(documents, { count: 0, key })).toThrow(/at least one|0 tasks/);
  expect(() => fillTasks(documents, { count: 1, key, characters: 10 })).toThrow(/10 characters/);
});
