/**
 * Our worker that draws pictures: `node sampling-main.js --threads 2`, speaking lines of JSON. A step is one call of the product's generator,
 * from noise to 64 pictures of 32 × 32 × 3 in 20 steps of DDIM, with the U-Net of the row `unet` over random weights, in a model that is
 * opened from a folder. peers/torch_sampling.py is the same in PyTorch.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { load } from "@atelier/atelier";
import { ImageCodec } from "@atelier/data";
import { flattenTree, type HostTensor, RandomKey, Scope } from "@atelier/engine";
import { encodeSafetensors } from "@atelier/engine/storage";
import { diffusion, diffusionConfiguration } from "@atelier/models";
import { z } from "zod";
import { WorkerError } from "../errors.js";
import { writeModelFolder } from "./model-folder.js";
import { unetSettings } from "./picture-sizes.js";
import { runWorker } from "./run-worker.js";
import { serve } from "./step-worker.js";
import { versions } from "./versions.js";

const pictures = 64;
const sampling = { sampler: "ddim", steps: 20 };

const flagsSchema = z.object({ threads: z.coerce.number().int().positive() });

await runWorker(async () => {
  const { values } = parseArgs({ options: { threads: { type: "string", default: "2" } } });
  const { threads } = flagsSchema.parse(values);
  const key = RandomKey.fromSeed(1337);
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  try {
    const model = join(folder, "unet");
    await writeUntrained(model, key.split("weights"));
    const opened = await load(model, { home: folder, threads });
    const generator = opened.pictureTool("generator");
    const draw = async (call: number, steps: number): Promise<number> => {
      const request = { count: pictures, ...sampling, steps };
      const drawn = await generator.generate(request, key.split("calls").at(call));
      return drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    };
    const started = performance.now();
    await draw(0, 1);
    let calls = 0;
    const stepper = {
      description: `Atelier, ${sampling.sampler}, ${sampling.steps} steps, ${pictures} pictures, fp32, ${threads} threads`,
      versions: versions(),
      // With one step of the sampler.
      compileMilliseconds: performance.now() - started,
      parameters: opened.loaded.record.parameters,
      async steps(count: number) {
        let mean = 0;
        for (let i = 0; i < count; i++) mean = await draw(++calls, sampling.steps);
        return mean;
      },
    };
    await serve(stepper, process.stdin, process.stdout);
    await opened.release();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** A DDPM that has learnt nothing. */
async function writeUntrained(folder: string, key: RandomKey): Promise<void> {
  const codec = new ImageCodec({ size: 32, channels: 3 });
  const ddpm = {
    backbone: { kind: "unet", headWidth: 64, dropout: 0, ...unetSettings },
    prediction: "epsilon",
    noise: { kind: "linear", steps: 1000, first: 1e-4, last: 0.02 },
    weighting: { kind: "prediction" },
    dataDeviation: 1,
  } as const;
  const { denoiser } = diffusion(diffusionConfiguration({ shape: codec.spec.shape, ...ddpm })).networks;
  if (denoiser === undefined) throw new WorkerError("A diffusion model has no denoiser.");
  const { params } = Scope.declare(denoiser, key);
  await writeModelFolder(folder, {
    family: "diffusion",
    configuration: { ...ddpm, classes: [], sampling },
    codec: codec.toJSON(),
    weights: Buffer.concat(encodeSafetensors(new Map(flattenTree<HostTensor>(params)))),
  });
}
