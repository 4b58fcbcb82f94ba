/** Our worker for picture networks: `node picture-step-main.js --size unet --threads 2`, speaking lines of JSON. */

import { parseArgs } from "node:util";
import { z } from "zod";
import { pictureSizeNames } from "./picture-sizes.js";
import { createPictureStepper } from "./picture-stepper.js";
import { runWorker } from "./run-worker.js";
import { serve } from "./step-worker.js";

const flagsSchema = z.object({
  size: z.enum(pictureSizeNames),
  threads: z.coerce.number().int().positive(),
});

await runWorker(async () => {
  const { values } = parseArgs({
    options: { size: { type: "string" }, threads: { type: "string", default: "2" } },
  });
  const { size, threads } = flagsSchema.parse(values);
  await serve(await createPictureStepper(size, threads), process.stdin, process.stdout);
});
