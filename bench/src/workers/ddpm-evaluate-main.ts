/**
 * Judges a diffusion model's pictures as `atelier evaluate` does, on request drawn by another sampler, in other steps or with other guidance than its own:
 *
 *     node ddpm-evaluate-main.js --model MODEL [--samples 10000] [--sampler ddim] [--steps 50] [--guidance 1.5] [--extractor MODEL]
 *       [--home FOLDER]
 *
 * Progress goes to standard error, the result to standard output as one line of JSON: {"model", "sampling", "measures"}.
 */

import { parseArgs } from "node:util";
import { evaluate, load, Model } from "@atelier/atelier";
import { z } from "zod";
import { WorkerError } from "../errors.js";
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
  const { model: path, samples, extractor, home, threads, ...asked } = flagsSchema.parse(values);
  const model = await load(path, { home, threads });
  try {
    const judged = drawing(model, asked);
    let stage = "";
    const { measures } = await evaluate(judged, {
      samples,
      extractor,
      onProgress: (now) => {
        if (now !== stage) process.stderr.write(`${now}\n`);
        stage = now;
      },
    });
    console.log(JSON.stringify({ model: model.name, sampling: judged.pictures.model.sampling, measures }));
  } finally {
    await model.release();
  }
});

interface Asked {
  readonly sampler?: string | undefined;
  readonly steps?: number | undefined;
  readonly guidance?: number | undefined;
}

/** The same model, whose pictures are drawn in another way. */
function drawing(own: Model, asked: Asked): Model {
  const { model, ...loaded } = own.pictures;
  const { generator: make, sampling } = model;
  if (make === undefined || sampling === undefined) {
    throw new WorkerError(`${own.name} does not draw pictures step by step.`);
  }
  const way = {
    sampler: asked.sampler ?? sampling.sampler,
    steps: asked.steps ?? sampling.steps,
    guidance: asked.guidance ?? sampling.guidance,
  };
  const drawn: typeof model = {
    ...model,
    sampling: { ...sampling, ...way },
    generator: (state, on) => {
      const generator = make(state, on);
      return {
        generate: (request, key, options) => generator.generate({ ...request, ...way }, key, options),
        release: () => generator.release(),
      };
    },
  };
  return new Model({ ...loaded, model: drawn }, { home: own.home, device: own.device, threads: own.threads });
}
