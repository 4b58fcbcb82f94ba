/**
 * A model folder of the weights that peers/torch_ddpm_train.py wrote, so that Atelier draws and judges pictures of them as of its own. The
 * folder is that of a finished model of ours with the same network, whose data, codec and settings for drawing it keeps.
 */

import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openModel } from "@atelier/atelier";
import { compile, hostTensor, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";
import { diffusionConfiguration, diffusionDenoise } from "@atelier/models";
import { z } from "zod";
import { WorkerError } from "../errors.js";
import { writeModelFolder } from "./model-folder.js";

/** What makes a diffusion model a DDPM (Ho et al. 2020): with a deviation of 1, what the network is given is their x_t. */
const ddpm = {
  prediction: "epsilon",
  noise: { kind: "linear", steps: 1000, first: 1e-4, last: 0.02 },
  weighting: { kind: "prediction" },
  dataDeviation: 1,
} as const;

/** The largest difference of a predicted noise that two computations of the same may have. */
const TOLERANCE = 1e-4;

const numbers = z.array(z.number());
const runSchema = z.object({
  steps: z.number().int().positive(),
  seconds: z.number().positive(),
  batch: z.number().int().positive(),
  seed: z.number().int(),
  threads: z.number().int().positive(),
  parameters: z.number().int().positive(),
  versions: z.record(z.string(), z.string()),
  /** What PyTorch makes of noised pictures, in rows of numbers: one picture for each σ. */
  probe: z.object({ x: numbers, sigma: numbers, labels: numbers, denoised: numbers }),
});
type Probe = z.infer<typeof runSchema>["probe"];

const count = z.number().int().positive();
const configurationSchema = z.looseObject({
  backbone: z.strictObject({
    kind: z.literal("unet"),
    channels: count,
    multipliers: z.array(count),
    blocks: count,
    attention: z.array(count),
    headWidth: count,
    dropout: z.number(),
  }),
  classes: z.array(z.string()).min(1),
});
const file = z.looseObject({ file: z.string() });
const modelSchema = z.looseObject({
  family: z.literal("diffusion"),
  configuration: configurationSchema,
  weights: file,
  codec: file,
  dataset: z.looseObject({}),
  training: z.looseObject({ recipe: z.looseObject({ model: z.looseObject({}) }) }),
});

export interface Imported {
  readonly folder: string;
  readonly parameters: number;
  /** Of the training in PyTorch. */
  readonly steps: number;
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Between the noise that PyTorch and Atelier predict with these weights. */
  readonly largestDifference: number;
}

/**
 * @param weights the safetensors file; what the run was is in the file beside it
 * @param like the folder of a model of ours
 * @param out the new folder
 * @throws WorkerError where the two networks differ, or do not compute the same
 */
export async function importDdpm(
  weights: string,
  { like, out: asked }: { readonly like: string; readonly out: string },
): Promise<Imported> {
  const out = resolve(asked);
  const { probe, ...run } = runSchema.parse(JSON.parse(await readFile(`${weights}.json`, "utf8")));
  const bytes = await readFile(weights);
  const model = modelSchema.parse(JSON.parse(await readFile(join(like, "model.json"), "utf8")));
  requireSameTensors(
    decodeSafetensors(bytes).tensors,
    decodeSafetensors(await readFile(join(like, model.weights.file))).tensors,
  );
  const { recipe } = model.training;
  const configuration = { ...model.configuration, ...ddpm };
  await mkdir(dirname(out), { recursive: true });
  await writeModelFolder(out, {
    family: "diffusion",
    configuration,
    codec: JSON.parse(await readFile(join(like, model.codec.file), "utf8")),
    weights: bytes,
    dataset: model.dataset,
    training: { imported: run, recipe: { ...recipe, model: { ...recipe.model, ...ddpm } } },
  });
  const largestDifference = await differenceOf(out, configuration, probe);
  if (!(largestDifference < TOLERANCE)) {
    await rm(out, { recursive: true });
    throw new WorkerError(
      `With the same weights, PyTorch and Atelier predict noise that differs by ${largestDifference}.`,
    );
  }
  const { parameters, steps, seconds, versions } = run;
  return { folder: out, parameters, steps, seconds, versions, largestDifference };
}

type Tensors = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** @throws WorkerError naming a tensor that one has and the other has not, or in another shape */
function requireSameTensors(peers: Tensors, ours: Tensors): void {
  for (const name of new Set([...peers.keys(), ...ours.keys()])) {
    const [theirs, own] = [peers, ours].map((tensors) => tensors.get(name)?.shape.join("×") ?? "missing");
    if (theirs !== own) throw new WorkerError(`The networks differ: ${name} is ${theirs} in PyTorch, ${own} here.`);
  }
}

/** The largest difference between the noise (x − D(x; σ)) / σ that PyTorch predicted and ours, in a model as it is opened. */
async function differenceOf(
  folder: string,
  configuration: typeof ddpm & z.infer<typeof configurationSchema>,
  probe: Probe,
) {
  const { medium, model, state } = await openModel(dirname(folder), folder);
  if (medium !== "pictures") throw new WorkerError(`${folder} makes no pictures.`);
  const { backbone, classes } = configuration;
  const { shape } = model.codec.spec;
  const c = diffusionConfiguration({
    ...ddpm,
    backbone,
    shape,
    conditions: [{ name: "class", role: "label", classes: classes.length, drop: 0 }],
  });
  const { sigma, labels } = probe;
  const denoise = compile(
    ({ params, x, levels, kinds }: { params: TreeRecord<Tensor>; x: Tensor; levels: Tensor; kinds: Tensor }) => ({
      denoised: diffusionDenoise(Scope.over({ params }), c, x, levels, { class: kinds }),
    }),
  );
  const { denoised } = await denoise({
    params: state.params,
    x: hostTensor(Float32Array.from(probe.x), [sigma.length, ...shape]),
    levels: hostTensor(Float32Array.from(sigma)),
    kinds: hostTensor(Int32Array.from(labels)),
  });
  await denoise.release();
  const each = probe.x.length / sigma.length;
  return Float64Array.from(denoised.data).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - probe.denoised[i]!) / sigma[Math.floor(i / each)]!),
    0,
  );
}
