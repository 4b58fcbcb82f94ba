/** The README's example is code that compiles, runs, and does what it says. */
import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";

test("the example of the README learns four tokens that go round and round", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const source = await readFile(new URL("./readme-example.test-helpers.ts", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${source.slice(source.indexOf("\n") + 1)}\`\`\``);

  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await import("./readme-example.test-helpers.js");
  const [before, after, baseline] = log.mock.calls[0]!;
  log.mockRestore();
  expect(before).toBeCloseTo(Math.log(4), 5);
  // The first token of a row says which comes next, so nothing is left to guess.
  expect(after).toBeLessThan(0.05);
  expect(baseline).toBeGreaterThan(0);
  expect(baseline).toBeLessThan(Math.log(4));
});
