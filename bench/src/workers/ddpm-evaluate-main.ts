/**
 * Judges a diffusion model's pictures as `atelier evaluate` does, on request drawn by another sampler, in other steps or with other
 * guidance than its own:
 *
 *     node ddpm-evaluate-main.js --model MODEL [--samples 10000] [--sampler ddim] [--steps 50] [--guidance 1.5] [--extractor MODEL]
 *       [--home FOLDER]
 *
 * Progress goes to standard error, the result to standard output as one line of JSON: {"model", "sampling", "measures"}.
 */

import { parseArgs } from "node:util";
import { evaluate, load } from "@atelier/atelier";
import { z } from "zod";
import { runWorker } from "./run-worker.js";

const whole = z.coerce.number().int().positive().optional();
const flagsSchema = z.object({
  model: z.string(),
  samples: whole,
  sampler: z.string().optional(),
  steps: whole,
  guidance: z.coerce.number().positive().optional(),
  extractor: z.string().optional(),
  home: z.string().optional(),
  threads: z.coerce.number().int().positive(),
});

await runWorker(async () => {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      model: text,
      samples: text,
      sampler: text,
      steps: text,
      guidance: text,
      extractor: text,
      home: text,
      threads: { ...text, default: "2" },
    },
  });
  const { model: path, samples, extractor, home, threads, ...sampling } = flagsSchema.parse(values);
  const model = await load(path, { home, threads });
  try {
    let stage = "";
    const { measures } = await evaluate(model, {
      samples,
      extractor,
      sampling,
      onProgress: (now) => {
        if (now !== stage) process.stderr.write(`${now}\n`);
        stage = now;
      },
    });
    console.log(
      JSON.stringify({ model: model.name, sampling: { ...model.pictures.model.sampling, ...sampling }, measures }),
    );
  } finally {
    await model.release();
  }
});
