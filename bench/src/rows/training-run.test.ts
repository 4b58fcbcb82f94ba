import { expect, test } from "vitest";
import type { Command } from "../worker-process.js";
import { runTraining } from "./training-run.js";

const result = {
  seconds: 12.5,
  validationLoss: 1.75,
  predictions: 640,
  parameters: 804_096,
  steps: 600,
  seed: 7,
  versions: { node: "20" },
};

function script(source: string): Command {
  return { program: process.execPath, arguments: ["--eval", source] };
}

test("the result is the last line of standard output, and progress is what comes on standard error", async () => {
  const source = `console.error("step 1"); console.log("hello"); console.log(${JSON.stringify(JSON.stringify(result))})`;
  const progress: string[] = [];
  expect(await runTraining("ours", script(source), 2, (line) => progress.push(line))).toEqual(result);
  expect(progress).toEqual(["ours: step 1"]);
});

test("a training that fails, prints nothing, or prints something else is reported", async () => {
  const run = (source: string) => runTraining("ours", script(source), 2, () => {});
  await expect(run(`console.error("out of memory"); process.exit(9)`)).rejects.toThrow(/exit code 9. out of memory/);
  await expect(run("")).rejects.toThrow(/printed no result/);
  const withoutLoss = JSON.stringify({ ...result, validationLoss: null });
  await expect(run(`console.log(${JSON.stringify(withoutLoss)})`)).rejects.toThrow(/something unexpected/);
});
