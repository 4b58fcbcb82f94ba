/**
 * A model folder of the weights that peers/torch_ddpm_train.py wrote, so that Atelier draws and judges pictures of them as of its own. The
 * network is what the record beside the weights says; data, codec, classes and settings for drawing are those of a finished model of ours.
 */

import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openModel } from "@atelier/atelier";
import { loadGridCodec } from "@atelier/data";
import {
  compile,
  flattenTree,
  type HostTensor,
  hostTensor,
  RandomKey,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";
import {
  type DiffusionConfiguration,
  type DiffusionSize,
  diffusion,
  diffusionConfiguration,
  diffusionDenoise,
} from "@atelier/models";
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
const count = z.number().int().positive();
const backboneSchema = z.strictObject({
  kind: z.literal("unet"),
  channels: count,
  multipliers: z.array(count),
  blocks: count,
  attention: z.array(count),
  headWidth: count,
  dropout: z.number(),
});
type Backbone = z.infer<typeof backboneSchema>;

const runSchema = z.object({
  steps: count,
  seconds: z.number().positive(),
  batch: count,
  seed: z.number().int(),
  threads: count,
  parameters: count,
  versions: z.record(z.string(), z.string()),
  network: backboneSchema,
  /** What PyTorch makes of noised pictures, in rows of numbers: one picture for each σ. */
  probe: z.object({ x: numbers, sigma: numbers, labels: numbers, denoised: numbers }),
});
type Probe = z.infer<typeof runSchema>["probe"];

const modelSchema = z.looseObject({
  family: z.literal("diffusion"),
  configuration: z.looseObject({ classes: z.array(z.string()).min(1) }),
  codec: z.looseObject({ file: z.string() }),
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
 * @throws WorkerError where the weights are those of another network, or the two do not compute the same
 */
export async function importDdpm(
  weights: string,
  { like, out: asked }: { readonly like: string; readonly out: string },
): Promise<Imported> {
  const out = resolve(asked);
  const { probe, network, ...run } = runSchema.parse(JSON.parse(await readFile(`${weights}.json`, "utf8")));
  const bytes = await readFile(weights);
  const model = modelSchema.parse(JSON.parse(await readFile(join(like, "model.json"), "utf8")));
  const codec = loadGridCodec(JSON.parse(await readFile(join(like, model.codec.file), "utf8")));
  const c = ddpmConfiguration(network, codec.spec.shape, model.configuration.classes);
  requireSameTensors(decodeSafetensors(bytes).tensors, declared(c));
  const { recipe } = model.training;
  const configuration = { ...model.configuration, ...ddpm, backbone: network };
  await mkdir(dirname(out), { recursive: true });
  await writeModelFolder(out, {
    family: "diffusion",
    configuration,
    codec: codec.toJSON(),
    weights: bytes,
    dataset: model.dataset,
    training: { imported: run, recipe: { ...recipe, model: { ...recipe.model, ...ddpm, backbone: network } } },
  });
  const largestDifference = await differenceOf(out, c, probe);
  if (!(largestDifference < TOLERANCE)) {
    await rm(out, { recursive: true });
    throw new WorkerError(
      `With the same weights, PyTorch and Atelier predict noise that differs by ${largestDifference}.`,
    );
  }
  const { parameters, steps, seconds, versions } = run;
  return { folder: out, parameters, steps, seconds, versions, largestDifference };
}

const ddpmConfiguration = (backbone: Backbone, shape: DiffusionSize["shape"], { length: classes }: readonly string[]) =>
  diffusionConfiguration({
    ...ddpm,
    backbone,
    shape,
    conditions: [{ name: "class", role: "label", classes, drop: 0 }],
  });

type Tensors = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** The parameters of a model, by name. */
function declared(c: DiffusionConfiguration): Tensors {
  const { params } = Scope.declare(diffusion(c).networks.denoiser!, RandomKey.fromSeed(0));
  return new Map(flattenTree<HostTensor>(params));
}

/** @throws WorkerError naming a tensor that one has and the other has not, or in another shape */
function requireSameTensors(peers: Tensors, ours: Tensors): void {
  for (const name of new Set([...peers.keys(), ...ours.keys()])) {
    const [theirs, own] = [peers, ours].map((tensors) => tensors.get(name)?.shape.join("×") ?? "missing");
    if (theirs !== own) throw new WorkerError(`The networks differ: ${name} is ${theirs} in PyTorch, ${own} here.`);
  }
}

/** The largest difference between the noise (x − D(x; σ)) / σ that PyTorch predicted and ours, in a model as it is opened. */
async function differenceOf(folder: string, c: DiffusionConfiguration, probe: Probe): Promise<number> {
  const { medium, state } = await openModel(dirname(folder), folder);
  if (medium !== "pictures") throw new WorkerError(`${folder} makes no pictures.`);
  const { sigma, labels } = probe;
  const denoise = compile(
    ({ params, x, levels, kinds }: { params: TreeRecord<Tensor>; x: Tensor; levels: Tensor; kinds: Tensor }) => ({
      denoised: diffusionDenoise(Scope.over({ params }), c, x, levels, { class: kinds }),
    }),
  );
  const { denoised } = await denoise({
    params: state.params,
    x: hostTensor(Float32Array.from(probe.x), [sigma.length, ...c.shape]),
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
