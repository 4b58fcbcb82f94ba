/** Our step worker: `node step-main.js --size nanogpt-cpu --threads 2 [--text FILE]`, speaking lines of JSON. */

import { parseArgs } from "node:util";
import { z } from "zod";
import { createStepper } from "./create-stepper.js";
import { runWorker } from "./run-worker.js";
import { sizeNames } from "./sizes.js";
import { serve } from "./step-worker.js";

const flagsSchema = z.object({
  size: z.enum(sizeNames),
  threads: z.coerce.number().int().positive(),
  text: z.string().optional(),
});

await runWorker(async () => {
  const { values } = parseArgs({
    options: { size: { type: "string" }, threads: { type: "string", default: "2" }, text: { type: "string" } },
  });
  const { size, threads, text } = flagsSchema.parse(values);
  await serve(await createStepper(size, { threads, text }), process.stdin, process.stdout);
});
