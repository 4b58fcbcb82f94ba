/**
 * Makes a model folder of a DDPM that was trained in PyTorch: `node ddpm-import-main.js --weights FILE --like MODEL --out FOLDER`. Prints a line
 * of JSON.
 */

import { parseArgs } from "node:util";
import { z } from "zod";
import { importDdpm } from "./ddpm-import.js";
import { runWorker } from "./run-worker.js";

const flagsSchema = z.object({ weights: z.string(), like: z.string(), out: z.string() });

await runWorker(async () => {
  const { values } = parseArgs({
    options: { weights: { type: "string" }, like: { type: "string" }, out: { type: "string" } },
  });
  const { weights, ...folders } = flagsSchema.parse(values);
  console.log(JSON.stringify(await importDdpm(weights, folders)));
});
