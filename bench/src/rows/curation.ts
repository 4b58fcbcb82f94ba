/**
 * How fast 100 MB of text is curated, with every filter and both searches for copies, in a fresh process; the "peer" is the bar, 10 MB/s.
 * The row fails where memory or what was found of the planted copies is out of bounds: speed would then mean nothing.
 */

import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { RandomKey } from "@atelier/engine/random";
import { z } from "zod";
import { WorkerError } from "../errors.js";
import { median, range } from "../statistics.js";
import { type PlantedKind, plantedCorpus } from "../workers/curation-corpus.js";
import { inFolder, rounds } from "./rounds.js";
import type { BenchContext, Row } from "./row.js";

const characters = 100_000_000;
const barBytesPerSecond = 10_000_000;
const mostMemory = 1_000_000_000;
/** Of the planted copies, how many have to be found; and of what was taken for a copy, how much has to be one. */
const least = { exact: 1, near: 0.95, precision: 0.99 };
const worker = fileURLToPath(new URL("../workers/curate-main.js", import.meta.url));
/** Documents of the repository that the text is made like, where no other text is given. */
const ownTexts = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "packages/engine/README.md"];

const resultSchema = z.object({
  seconds: z.number().positive(),
  peakBytes: z.number().positive(),
  bytes: z.number().positive(),
  kept: z.record(z.string(), z.number()),
  removed: z.record(z.string(), z.number()),
  pii: z.number(),
});
type Result = z.infer<typeof resultSchema>;

type Planted = Record<PlantedKind | "personal", number>;

export const curation: Row = {
  name: "curation",
  title: "curating 100 MB of text, against 10 MB/s",
  unit: "s",
  bar: 1.0,
  needs: [],
  async measure(context) {
    return inFolder(async (folder) => {
      const corpus = join(folder, "corpus.jsonl");
      const planted = await writeCorpus(corpus, context);
      const results = await rounds(context, {
        worker,
        parameters: ["--corpus", corpus],
        schema: resultSchema,
        name: "curation",
        describe: ({ bytes, seconds }) => `${(bytes / 1e6 / seconds).toFixed(1)} MB/s`,
      });
      return summarise(results, planted);
    });
  },
};

async function writeCorpus(path: string, context: BenchContext): Promise<Planted> {
  const root = new URL("../../../", import.meta.url);
  const sources = context.text === undefined ? ownTexts.map((name) => new URL(name, root)) : [context.text];
  const sample = (await Promise.all(sources.map((source) => readFile(source, "utf8")))).join("\n");
  const planted: Planted = { original: 0, exact: 0, near: 0, related: 0, short: 0, personal: 0 };
  function* lines(): Generator<string> {
    for (const { kind, name, text, personal } of plantedCorpus(sample, characters, RandomKey.fromSeed(1))) {
      planted[kind]++;
      if (personal) planted.personal++;
      yield `${JSON.stringify({ name, text })}\n`;
    }
  }
  context.progress("making 100 MB of text");
  await pipeline(Readable.from(lines(), { objectMode: true }), createWriteStream(path));
  return planted;
}

function summarise(results: readonly Result[], planted: Planted) {
  const seconds = results.map((result) => result.seconds);
  const { bytes, kept, removed, pii } = results[0]!;
  const barSeconds = bytes / barBytesPerSecond;
  const peak = Math.max(...results.map(({ peakBytes }) => peakBytes));
  const found = (kind: PlantedKind): number => 1 - (kept[kind] ?? 0) / planted[kind];
  const copies = (removed["exact-duplicate"] ?? 0) + (removed["near-duplicate"] ?? 0);
  const wrong = Math.max(0, copies - planted.exact + (kept.exact ?? 0) - planted.near + (kept.near ?? 0));
  const rates = { exact: found("exact"), near: found("near"), precision: 1 - wrong / copies };
  if (peak >= mostMemory) throw new WorkerError(`Curation took ${(peak / 1e6).toFixed(0)} MB of memory.`);
  for (const kind of ["exact", "near", "precision"] as const) {
    if (!(rates[kind] >= least[kind])) throw new WorkerError(`${kind}: ${rates[kind]}, not ${least[kind]} or more.`);
  }
  const percent = (rate: number): string => `${(100 * rate).toFixed(1)} %`;
  const [fastest, slowest] = range(seconds);
  return {
    ours: median(seconds),
    peer: barSeconds,
    ratio: median(seconds) / barSeconds,
    range: [fastest / barSeconds, slowest / barSeconds] as const,
    note:
      `${(bytes / 1e6 / median(seconds)).toFixed(1)} MB/s, peak ${(peak / 1e6).toFixed(0)} MB; lengths, letters, repeated lines, ` +
      `language, personal data, copies; recall ${percent(rates.exact)} of exact and ${percent(rates.near)} of near copies, ` +
      `precision ${percent(rates.precision)}; personal data found in ${pii} documents, planted in ${planted.personal}`,
  };
}
