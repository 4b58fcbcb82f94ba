/**
 * Our curation worker: `node curate-main.js --corpus FILE`, where every line is a planted document as JSON. Reads, curates and throws away
 * what stays, and prints one line of JSON: how long it took, its peak memory, and how many documents of each kind came out.
 */

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Curator, curationSchema, type TextDocument } from "@atelier/data";
import { z } from "zod";
import { runWorker } from "./run-worker.js";

const documentSchema = z.object({ name: z.string(), text: z.string() });

async function* documentsOf(path: string): AsyncGenerator<TextDocument> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    yield documentSchema.parse(JSON.parse(line));
  }
}

await runWorker(async () => {
  const { values } = parseArgs({ options: { corpus: { type: "string" } } });
  const path = z.string().parse(values.corpus);
  // Everything that curation can do.
  const settings = curationSchema.parse({
    minLength: 50,
    minWords: 20,
    maxLength: 10_000_000,
    minLetters: 0.5,
    maxRepeatedLines: 0.3,
    languages: ["en"],
    pii: "mask",
  });
  const curator = new Curator(settings);
  const kept: Record<string, number> = {};
  const begin = performance.now();
  for await (const { name } of curator.curate(documentsOf(path))) {
    const kind = name.slice(0, name.indexOf("/"));
    kept[kind] = (kept[kind] ?? 0) + 1;
  }
  const seconds = (performance.now() - begin) / 1000;
  const { input, removed, pii } = curator.report();
  const counts = Object.fromEntries(Object.entries(removed).map(([reason, { documents }]) => [reason, documents]));
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds, peakBytes, bytes: input.bytes, kept, removed: counts, pii: pii?.documents }));
});
