/**
 * Our worker that trains the VAE: `node vae-train-main.js --pictures FOLDER --epochs 10 --seed 1 --threads 2`. Progress goes to standard
 * error, the result to standard output as one line of JSON.
 */

import { parseArgs } from "node:util";
import { z } from "zod";
import { runWorker } from "./run-worker.js";
import { BATCH, startVaeTraining } from "./vae-training.js";
import { versions } from "./versions.js";

const whole = z.coerce.number().int().positive();
const flagsSchema = z.object({ pictures: z.string(), epochs: whole, seed: whole, threads: whole });

await runWorker(async () => {
  const { values } = parseArgs({
    options: {
      pictures: { type: "string" },
      epochs: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: "2" },
    },
  });
  const { pictures: folder, epochs, seed, threads } = flagsSchema.parse(values);
  const started = performance.now();
  const training = await startVaeTraining({ folder, seed, threads });
  const steps = Math.ceil((training.pictures * epochs) / BATCH);
  for (let epoch = 1, done = 0; epoch <= epochs; epoch++) {
    const until = Math.round((steps * epoch) / epochs);
    const loss = await training.steps(until - done);
    done = until;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`epoch ${epoch}: loss ${loss.toFixed(3)} while training, ${seconds} s\n`);
  }
  const seconds = (performance.now() - started) / 1000;
  const { loss, pictures } = await training.judge();
  const { parameters } = training;
  const result = {
    seconds,
    validationLoss: loss,
    predictions: pictures,
    parameters,
    steps,
    seed,
    versions: versions(),
  };
  console.log(JSON.stringify(result));
});
