/** Our worker that takes steps of the VAE: `node vae-step-main.js --pictures FOLDER --threads 2`, speaking lines of JSON. */

import { parseArgs } from "node:util";
import { z } from "zod";
import { runWorker } from "./run-worker.js";
import { serve } from "./step-worker.js";
import { startVaeTraining } from "./vae-training.js";
import { versions } from "./versions.js";

const flagsSchema = z.object({ pictures: z.string(), threads: z.coerce.number().int().positive() });

await runWorker(async () => {
  const { values } = parseArgs({
    options: { pictures: { type: "string" }, threads: { type: "string", default: "2" } },
  });
  const { pictures: folder, threads } = flagsSchema.parse(values);
  const { steps, parameters, compileMilliseconds } = await startVaeTraining({ folder, seed: 1, threads });
  const description = `Atelier on ONNX Runtime, fp32, ${threads} threads, ${parameters.toLocaleString("en")} parameters`;
  await serve(
    { description, versions: versions(), compileMilliseconds, parameters, steps },
    process.stdin,
    process.stdout,
  );
});
