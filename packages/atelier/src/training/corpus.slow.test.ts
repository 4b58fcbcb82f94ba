import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { bundleForNode, start } from "../storage/child-process.test-helpers.js";

const megabyte = 1e6;
const lines = 6_000_000;
const width = 50;
let folder = "";
let script = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-large-"));
  script = await bundleForNode(new URL("./corpus-child.test-helpers.ts", import.meta.url));
  // Each line is a number and words, fifty characters in all: 300 MB.
  for (const name of ["large.txt", "large.txt.gz"]) {
    const file = createWriteStream(join(folder, name));
    const packed = name.endsWith(".gz") ? createGzip({ level: 1 }) : undefined;
    packed?.pipe(file);
    const out = packed ?? file;
    for (let i = 0; i < lines; i += 10_000) {
      let text = "";
      for (let j = i; j < i + 10_000; j++) text += `${String(j % 10_000).padEnd(width - 1, " to be or not to be")}\n`;
      if (!out.write(text)) await once(out, "drain");
    }
    out.end();
    await finished(file);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const resultSchema = z.object({
  documents: z.number(),
  characters: z.number(),
  train: z.number(),
  validation: z.number(),
  batch: z.array(z.number()),
  peak: z.number(),
});

async function open(name: string, codec: object) {
  const child = start(process.execPath, [
    "--max-old-space-size=300",
    script,
    join(folder, name),
    join(folder, "home"),
    JSON.stringify(codec),
  ]);
  const { code, stdout, stderr } = await child.finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return resultSchema.parse(JSON.parse(stdout));
}

it.each(["large.txt", "large.txt.gz"])("300 MB of %s are split and encoded in little memory", async (name) => {
  const { documents, characters, train, validation, batch, peak } = await open(name, { kind: "characters" });
  expect(documents).toBe(1);
  expect(characters).toBe(lines * width);
  expect(train).toBe(Math.floor(lines * width * 0.9));
  expect(train + validation).toBe(lines * width);
  // The alphabet in order of code points: line end, space, the digits, "b" "e" "n" "o" "r" "t".
  expect(batch.slice(0, 5)).toEqual([2, 1, 17, 15, 1]); // "0 to "
  expect(batch.at(-1)).toBe(0);
  expect(peak).toBeLessThan(500 * megabyte);
});

it("byte pairs are learnt from a sample and the text is encoded in little memory", async () => {
  const { train, validation, peak } = await open("large.txt", { kind: "bpe", vocabulary: 512 });
  expect(train).toBeGreaterThan(8 * validation);
  expect(train + validation).toBeLessThan(lines * width);
  expect(peak).toBeLessThan(1000 * megabyte);
});
