/**
 * Our training worker: `node train-main.js --recipe nanogpt --seed 1337 --threads 2 --text FILE [--target LOSS]`. Progress goes to standard
 * error, the result to standard output as one line of JSON.
 */

import { parseArgs } from "node:util";
import { z } from "zod";
import { recipeNames } from "./recipes.js";
import { runWorker } from "./run-worker.js";
import { trainRecipe } from "./train-recipe.js";

const flagsSchema = z.object({
  recipe: z.enum(recipeNames),
  seed: z.coerce.number().int(),
  threads: z.coerce.number().int().positive(),
  text: z.string(),
  target: z.coerce.number().positive().optional(),
});

await runWorker(async () => {
  const { values } = parseArgs({
    options: {
      recipe: { type: "string" },
      seed: { type: "string", default: "1337" },
      threads: { type: "string", default: "2" },
      text: { type: "string" },
      target: { type: "string" },
    },
  });
  const { target, ...run } = flagsSchema.parse(values);
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  console.log(JSON.stringify(await trainRecipe({ ...run, target, progress })));
});
