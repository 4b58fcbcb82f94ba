/**
 * Our picture worker: `node pictures-main.js --folder FOLDER`, of planted pictures. Opens, decodes and curates them, and prints one line of
 * JSON: how long it took, its peak memory, what was skipped, and how many pictures of each kind came out.
 */

import { parseArgs } from "node:util";
import {
  curatePictures,
  decodePictures,
  imageSettingsSchema,
  openPictures,
  pictureCurationSchema,
} from "@atelier/data";
import { z } from "zod";
import { runWorker } from "./run-worker.js";

await runWorker(async () => {
  const { values } = parseArgs({ options: { folder: { type: "string" } } });
  const folder = z.string().parse(values.folder);
  const begin = performance.now();
  const { records } = await openPictures(folder, { home: folder });
  const { set, skipped } = await decodePictures(records, imageSettingsSchema.parse({ size: 32 }));
  const decoded = performance.now();
  const settings = pictureCurationSchema.parse({ minSide: 16, maxSide: 4096, maxAspect: 3, minContrast: 0.01 });
  const { keep, report } = await curatePictures(set, settings, { skipped });
  const end = performance.now();
  const kept: Record<string, number> = {};
  for (const index of keep) {
    const kind = set.names[index]!.split("-", 1)[0]!;
    kept[kind] = (kept[kind] ?? 0) + 1;
  }
  const removed = Object.fromEntries(
    Object.entries(report.removed).map(([reason, { pictures }]) => [reason, pictures]),
  );
  console.log(
    JSON.stringify({
      pictures: records.length,
      seconds: (end - begin) / 1000,
      decodingSeconds: (decoded - begin) / 1000,
      peakBytes: process.resourceUsage().maxRSS * 1024,
      kept,
      removed,
    }),
  );
});
