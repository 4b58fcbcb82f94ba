import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, expect, it } from "vitest";
import { runCommandLine } from "../shell.js";
import { data } from "./data.js";

const folder = mkdtempSync(join(tmpdir(), "atelier-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function show(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await runCommandLine(
    ["data", "show", ...args],
    {
      stdout,
      stderr,
      stdin: Object.assign(stdin, { isTTY: false }),
      environment: { ATELIER_HOME: join(folder, "home") },
      signal: new AbortController().signal,
    },
    [{ name: "data", summary: data.summary, load: async () => data }],
  );
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

const texts = join(folder, "texts");
mkdirSync(texts);
writeFileSync(join(texts, "a.txt"), "Call me Ishmael.");
writeFileSync(join(texts, "b.md"), "x".repeat(1000));
writeFileSync(join(texts, "c.jsonl"), `${JSON.stringify({ title: "One", body: "two" })}\n`.repeat(2));
writeFileSync(join(texts, "d.txt"), Uint8Array.of(0xff));

it("tells kinds, lengths, beginnings and what was skipped", async () => {
  const { code, stdout } = await show(texts);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^documents +4 \(longest 1,000 characters: b\.md\)$/m);
  expect(stdout).toMatch(/^\.md +1 +1\.0 kB$/m);
  expect(stdout).toMatch(/^\.jsonl +2 +6 bytes$/m);
  expect(stdout).toMatch(/^0 to 99 +3$/m);
  expect(stdout).toMatch(/^1,000 and more +1$/m);
  expect(stdout).toContain("d.txt: is not valid UTF-8: byte 0xff at offset 0");
  expect(stdout).toContain("Call me Ishmael.");
});

it("gives the same as JSON, of the fields that are asked for", async () => {
  const { stdout } = await show(texts, "--json", "--template", "{title}: {body}");
  expect(JSON.parse(stdout)).toMatchObject({
    documents: 4,
    bytes: 1032,
    skipped: [{ file: "d.txt" }],
    kinds: { txt: { documents: 1, bytes: 16 }, md: { documents: 1, bytes: 1000 }, jsonl: { documents: 2, bytes: 16 } },
    lengths: [
      { atLeast: 0, documents: 3 },
      { atLeast: 100, documents: 0 },
      { atLeast: 1000, documents: 1 },
    ],
    longest: { name: "b.md", characters: 1000 },
    previews: [{ name: "a.txt" }, { name: "b.md" }, { name: "c.jsonl:1", text: "One: two" }],
  });
  expect(await show(texts, "--template", "no field")).toMatchObject({ code: 2 });
});
