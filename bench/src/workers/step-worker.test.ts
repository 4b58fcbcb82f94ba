import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { peakResidentBytes, serve } from "./step-worker.js";

test("announces itself, then answers every command with a line", async () => {
  const taken: number[] = [];
  const output = new PassThrough();
  const stepper = {
    description: "a stepper",
    versions: { node: "20" },
    compileMilliseconds: 12,
    steps: async (count: number) => {
      taken.push(count);
      return 4.25;
    },
  };
  const commands = ['{"command":"steps","count":3}\n', '{"command":"memory"}\n'];
  await serve(stepper, Readable.from(commands), output);
  output.end();
  const lines = (await text(output)).trim().split("\n");
  const [ready, steps, memory] = lines.map((line) => JSON.parse(line));
  expect(ready).toEqual({ ready: true, description: "a stepper", versions: { node: "20" }, compileMilliseconds: 12 });
  expect(steps).toMatchObject({ loss: 4.25, milliseconds: expect.any(Number) });
  expect(memory.bytes).toBeGreaterThan(1e6);
  expect(taken).toEqual([3]);
});

test("the peak memory is at least what the process holds", () => {
  expect(peakResidentBytes()).toBeGreaterThanOrEqual(process.memoryUsage().rss * 0.9);
});
