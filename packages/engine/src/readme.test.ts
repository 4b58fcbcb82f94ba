/** The README's example is code that compiles, runs, and does what it says. */
import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";

test("the example of the README fits the line y = 2 x + 1", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const source = await readFile(new URL("./readme-example.test-helpers.ts", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${source.slice(source.indexOf("\n") + 1)}\`\`\``);

  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await import("./readme-example.test-helpers.js");
  const [slope, offset, loss] = log.mock.calls[0]!;
  log.mockRestore();
  expect(slope).toBeCloseTo(2, 3);
  expect(offset).toBeCloseTo(1, 3);
  expect(loss).toBeLessThan(1e-6);
});
