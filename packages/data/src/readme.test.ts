/** The README's example is code that compiles, runs, and does what it says. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { knownDatasets, knownPictures } from "./datasets/registry.js";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

test("the example of the README curates, splits and encodes a folder of notes", async () => {
  const source = await readFile(new URL("./readme-example.test-helpers.ts", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${source.slice(source.indexOf("\n") + 1)}\`\`\``);

  const folder = await mkdtemp(join(tmpdir(), "atelier-readme-"));
  const before = process.cwd();
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    process.chdir(folder);
    await mkdir("notes");
    const line = "the whale and the sea and ".repeat(40);
    for (const [name, text] of Object.entries({ "a.txt": line, "b.md": line, "c.txt": "too short" }))
      await writeFile(join("notes", name), text);
    await import("./readme-example.test-helpers.js");
    const [[kept, removed], [inputs, targets, heldOut]] = log.mock.calls as [unknown[], unknown[]];
    expect(kept).toEqual(["a.txt"]);
    expect(removed).toMatchObject({
      "exact-duplicate": { documents: 1, examples: [{ name: "b.md", kept: "a.txt" }] },
      "too-short": { documents: 1, examples: [{ name: "c.txt", found: "2 words" }] },
    });
    const [shown, next] = [String(inputs), String(targets)];
    expect(line.repeat(2)).toContain(shown);
    // Targets are the inputs without their first token, and one more at the end.
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].some((length) => next.startsWith(shown.slice(length)))).toBe(true);
    expect(heldOut).toBeGreaterThan(0);
  } finally {
    log.mockRestore();
    process.chdir(before);
    await rm(folder, { recursive: true, force: true });
  }
});

test("the README lists every known dataset", () => {
  const listed = [...readme.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual([...knownDatasets, ...knownPictures].map(({ name }) => name));
});
