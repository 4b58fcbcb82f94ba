/**
 * How fast 3,800 PNG files are opened, decoded to 32×32 and curated, with every filter and both searches for copies, in a fresh process; the
 * "peer" is the bar, 500 pictures a second. The row fails where what was found of the planted copies and broken files is out of bounds.
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodePicture } from "@atelier/data";
import { RandomKey } from "@atelier/engine/random";
import { z } from "zod";
import { WorkerError } from "../errors.js";
import { median, range } from "../statistics.js";
import { darker, drawing, type PlantedPicture, pictureCounts } from "../workers/picture-corpus.js";
import { inFolder, rounds } from "./rounds.js";
import type { Row } from "./row.js";

const barPicturesPerSecond = 500;
/** Of what was taken for a copy, how much has to be one; all exact and 95 % of near copies have to be found. */
const least = { near: 0.95, precision: 0.99 };
const worker = fileURLToPath(new URL("../workers/pictures-main.js", import.meta.url));

const resultSchema = z.object({
  pictures: z.int().positive(),
  seconds: z.number().positive(),
  decodingSeconds: z.number().positive(),
  peakBytes: z.number().positive(),
  kept: z.record(z.string(), z.number()),
  removed: z.record(z.string(), z.number()),
});
type Result = z.infer<typeof resultSchema>;

export const pictures: Row = {
  name: "pictures",
  title: "decoding and curating 3,800 PNG, against 500 pictures/s",
  unit: "s",
  bar: 1.0,
  needs: [],
  async measure(context) {
    return inFolder(async (folder) => {
      context.progress("making 3,800 pictures");
      await writePictures(folder);
      const results = await rounds(context, {
        worker,
        parameters: ["--folder", folder],
        schema: resultSchema,
        name: "picture",
        describe: ({ pictures, seconds }) => `${(pictures / seconds).toFixed(0)} pictures/s`,
      });
      return summarise(results);
    });
  },
};

/** Originals first in the order of names, so that of copies they are the ones to stay. */
async function writePictures(folder: string): Promise<void> {
  const key = RandomKey.fromSeed(1);
  const write = (kind: PlantedPicture, i: number, bytes: Uint8Array): Promise<void> => {
    const name = kind === "original" ? "original" : `z${kind}`;
    return writeFile(join(folder, `${name}-${String(i).padStart(4, "0")}.png`), bytes);
  };
  for (let i = 0; i < pictureCounts.original; i++) {
    const picture = drawing(key.at(i));
    const bytes = await encodePicture(picture);
    await write("original", i, bytes);
    if (i < pictureCounts.exact) await write("exact", i, bytes);
    else if (i - pictureCounts.exact < pictureCounts.near) await write("near", i, await encodePicture(darker(picture)));
    if (i < pictureCounts.broken) await write("broken", i, bytes.subarray(0, bytes.length >> 1));
  }
}

function summarise(results: readonly Result[]) {
  const seconds = results.map((result) => result.seconds);
  const { pictures, kept, removed } = results[0]!;
  const barSeconds = pictures / barPicturesPerSecond;
  const copies = (removed["exact-duplicate"] ?? 0) + (removed["near-duplicate"] ?? 0);
  const near = 1 - (kept.znear ?? 0) / pictureCounts.near;
  const wrong = pictureCounts.original - (kept.original ?? 0);
  const precision = 1 - wrong / Math.max(1, copies);
  if (removed.broken !== pictureCounts.broken)
    throw new WorkerError(`${removed.broken ?? 0} broken pictures were found, not ${pictureCounts.broken}.`);
  if (kept.zexact !== undefined) throw new WorkerError(`${kept.zexact} exact copies were kept.`);
  if (!(near >= least.near)) throw new WorkerError(`near: ${near}, not ${least.near} or more.`);
  if (!(precision >= least.precision))
    throw new WorkerError(`precision: ${precision}, not ${least.precision} or more.`);
  const percent = (rate: number): string => `${(100 * rate).toFixed(1)} %`;
  const speed = (of: (result: Result) => number): string => (pictures / median(results.map(of))).toFixed(0);
  const peak = Math.max(...results.map(({ peakBytes }) => peakBytes));
  const [fastest, slowest] = range(seconds);
  return {
    ours: median(seconds),
    peer: barSeconds,
    ratio: median(seconds) / barSeconds,
    range: [fastest / barSeconds, slowest / barSeconds] as const,
    note:
      `${speed((result) => result.seconds)} pictures/s, decoding alone ${speed((result) => result.decodingSeconds)}; peak ` +
      `${(peak / 1e6).toFixed(0)} MB; sizes, aspect, contrast, copies; all ${pictureCounts.broken} broken files and exact copies ` +
      `found, ${percent(near)} of near copies, precision ${percent(precision)}`,
  };
}
