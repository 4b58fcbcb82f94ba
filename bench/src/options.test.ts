import { expect, test } from "vitest";
import { parseOptions } from "./options.js";

const names = ["step-nanogpt-cpu", "step-tfjs", "time-to-loss"];
const parse = (...args: string[]) => parseOptions(args, {}, names);

test("rows are picked by repeating --only or with commas", () => {
  expect(parse("--only", "step-tfjs", "--only=time-to-loss,step-nanogpt-cpu").only).toEqual([
    "step-tfjs",
    "time-to-loss",
    "step-nanogpt-cpu",
  ]);
  expect(parse().only).toEqual([]);
});

test("the interpreter comes from the flag, or else from the environment", () => {
  const environment = { ATELIER_PYTHON: "/env/python" };
  expect(parseOptions(["--python", "/flag/python"], environment, names).python).toBe("/flag/python");
  expect(parseOptions([], environment, names).python).toBe("/env/python");
  expect(parseOptions([], { ATELIER_PYTHON: "" }, names).python).toBeUndefined();
});

test("mistakes name the nearest valid choice", () => {
  const usage = { code: "USAGE" };
  expect(() => parse("--jsno")).toThrow(expect.objectContaining({ ...usage, hint: "Did you mean '--json'?" }));
  expect(() => parse("--only", "step-tfj")).toThrow(
    expect.objectContaining({ ...usage, hint: "Did you mean 'step-tfjs'?" }),
  );
  expect(() => parse("json")).toThrow(
    expect.objectContaining({ ...usage, message: expect.stringContaining("'json'") }),
  );
  expect(() => parse("--python")).toThrow(expect.objectContaining(usage));
});

test("fewer than five rounds are refused", () => {
  expect(parse("--rounds", "7").rounds).toBe(7);
  for (const rounds of ["4", "5.5", "many"]) expect(() => parse("--rounds", rounds)).toThrow(/at least 5/);
});
