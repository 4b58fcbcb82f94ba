import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, expect, it } from "vitest";
import { runCommandLine } from "../shell.js";
import { dataCurate, formatCurationReport } from "./data-curate.js";

const folder = mkdtempSync(join(tmpdir(), "atelier-curate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (path: string): string => readFileSync(path, "utf8");

async function curate(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await runCommandLine(
    ["curate", ...args],
    {
      stdout,
      stderr,
      stdin: Object.assign(stdin, { isTTY: false }),
      environment: { ATELIER_HOME: join(folder, "home") },
      signal: new AbortController().signal,
    },
    [{ name: "curate", summary: dataCurate.summary, load: async () => ({ ...dataCurate, name: "curate" }) }],
  );
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

const source = join(folder, "texts.jsonl");
const texts = [
  "Call me Ishmael. Some years ago, never mind how long precisely.",
  "Call me Ishmael.  Some years ago, never mind how long precisely.",
  "Write to ishmael@example.com, or ring +1 415 555 2671 before noon.",
  "Ahoy!",
];
writeFileSync(source, texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));

it("writes what stays, masked, and a report beside it", async () => {
  const out = join(folder, "clean.jsonl");
  const { code, stdout } = await curate(source, "--out", out, "--min-words", "3", "--pii", "mask");
  expect(code).toBe(0);
  const documents = read(out)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(documents.map(({ text }) => text)).toEqual([texts[0], "Write to <EMAIL>, or ring <PHONE> before noon."]);
  expect(JSON.parse(read(`${out}.report.json`))).toMatchObject({
    settings: { minWords: 3, pii: "mask", near: 0.8 },
    input: { documents: 4 },
    output: { documents: 2 },
    removed: { "too-short": { documents: 1 }, "exact-duplicate": { documents: 1 } },
    pii: { documents: 1, found: { email: 1, phone: 1, card: 0 } },
  });
  expect(stdout).toMatch(/^read +4 /m);
  expect(stdout).toMatch(/^- exact-duplicate +1 /m);
  expect(stdout).toMatch(/^kept +2 /m);
  expect(stdout).toContain("email 1, phone 1, card 0, in 1 documents");
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

it("under --json prints the report", async () => {
  const { stdout } = await curate(source, "--out", join(folder, "json.jsonl"), "--json", "--near", "off", "--no-exact");
  expect(JSON.parse(stdout)).toMatchObject({
    report: { output: { documents: 4 }, removed: {}, settings: { near: false } },
  });
});

it("replaces nothing without being told to, and never what it reads", async () => {
  const out = join(folder, "old.jsonl");
  writeFileSync(out, "precious");
  expect((await curate(source, "--out", out)).code).toBe(2);
  expect((await curate(source, "--out", source, "--yes")).code).toBe(2);
  expect(read(out)).toBe("precious");
  expect((await curate(source, "--out", out, "--yes")).code).toBe(0);
  expect(read(out)).toContain("Ishmael");
});

it("writes nothing where nothing is left, and says why", async () => {
  const out = join(folder, "none.jsonl");
  const { code, stderr } = await curate(source, "--out", out, "--min-words", "1000");
  expect(code).toBe(1);
  expect(stderr).toContain("none of 4 documents is left: 4 too-short");
  expect(existsSync(out)).toBe(false);
  expect(existsSync(`${out}.report.json`)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

it("refuses a language that it cannot tell, and a place to write that is missing", async () => {
  expect((await curate(source, "--out", join(folder, "x.jsonl"), "--language", "klingon")).code).toBe(1);
  expect((await curate(source)).code).toBe(2);
});

it("tells a report in tables", () => {
  const lines = formatCurationReport({
    settings: { pii: "count", exact: true, near: 0.8, shingle: 5 },
    input: { documents: 1200, bytes: 2_000_000 },
    output: { documents: 1198, bytes: 1_990_000 },
    removed: {
      "too-short": { documents: 1, bytes: 12, examples: [{ name: "b", found: "2 words" }] },
      "near-duplicate": { documents: 1, bytes: 9988, examples: [{ name: "c", kept: "a", similarity: 0.8765 }] },
    },
    pii: { documents: 3, found: { email: 1, phone: 0, card: 2000 } },
    languages: { en: 1100, unknown: 100 },
  });
  expect(lines).toEqual([
    "                  DOCUMENTS      SIZE",
    "read                  1,200    2.0 MB",
    "- too-short               1  12 bytes",
    "- near-duplicate          1   10.0 kB",
    "kept                  1,198    2.0 MB",
    "",
    "REMOVED         FOR EXAMPLE  FOUND, OR KEPT INSTEAD (SIMILARITY)",
    "too-short       b            2 words",
    "near-duplicate  c            a (0.88)",
    "",
    "personal data  email 1, phone 0, card 2,000, in 3 documents",
    "languages      en 1,100, unknown 100",
  ]);
});
