import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { collect } from "./collect.test-helpers.js";
import { openTextDataset } from "./open.js";

let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "atelier-moby-dick-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

it("fetches the real book from npm (needs a network)", async () => {
  const documents = await collect(await openTextDataset("moby-dick", { home }));
  expect(documents).toHaveLength(138);
  const chapters = documents.slice(2, -1);
  chapters.forEach(({ text }, i) => {
    expect(text.startsWith(`CHAPTER ${i + 1}. `)).toBe(true);
  });
  expect(chapters[0]!.text).toMatch(
    /^CHAPTER 1\. Loomings\.\n\nCall me Ishmael\. Some years ago—never mind how long precisely/,
  );
  expect(documents.at(-1)!.text).toMatch(/only found another orphan\.\n$/);
  for (const { text } of chapters) expect(text).not.toMatch(/\S {3,}\S|\r|\t|[ ]\n|\n{3}|Gutenberg|\ufffd/);
});
