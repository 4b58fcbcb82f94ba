/**
 * Our worker that takes training steps of a GAN: `node gan-step-main.js --threads 2`, speaking lines of JSON. It is R3GAN (Huang et al. 2024) at
 * a small size: residual networks without norms, two blocks a level with convolutions in groups, the relativistic loss with R1 and R2, Adam
 * without momentum, a moving average. A step is one of the discriminator, whose penalty is differentiated twice, and one of the
 * generator. peers/torch_gan_step.py is the same in PyTorch.
 */

import { parseArgs } from "node:util";
import { adamw, constantRate, gan, ganConfiguration } from "@atelier/models";
import { z } from "zod";
import { pictureShape } from "./picture-sizes.js";
import { createPlanStepper } from "./plan-stepper.js";
import { runWorker } from "./run-worker.js";
import { serve } from "./step-worker.js";

const flagsSchema = z.object({ threads: z.coerce.number().int().positive() });

const network = { kind: "residual", channels: [32, 64, 128, 128], blocks: 2, expansion: 2, groups: 4 } as const;
const optimiser = adamw({ learningRate: 2e-4, betas: [0, 0.99], weightDecay: 0 });

await runWorker(async () => {
  const { values } = parseArgs({ options: { threads: { type: "string", default: "2" } } });
  const { threads } = flagsSchema.parse(values);
  const c = ganConfiguration({
    shape: pictureShape,
    latent: 64,
    generator: network,
    discriminator: network,
    loss: { kind: "relativistic", gamma: 0.5 },
  });
  const plan = {
    family: gan(c),
    optimisers: { generator: optimiser, discriminator: optimiser },
    schedule: constantRate,
    averageDecay: 0.999,
  };
  const stepper = await createPlanStepper(plan, {
    batch: 32,
    inputs: (x) => ({ x }),
    loss: "generator.loss",
    threads,
  });
  await serve(stepper, process.stdin, process.stdout);
});
