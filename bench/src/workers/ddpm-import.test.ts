/**
 * A model that has learnt nothing predicts no noise, since the last layer begins with zeros: what is denoised is what was noised. So much is
 * known of what PyTorch would say; that real weights agree, every import checks anew.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageCodec } from "@atelier/data";
import { flattenTree, type HostTensor, RandomKey, Scope } from "@atelier/engine";
import { encodeSafetensors } from "@atelier/engine/storage";
import { diffusion, diffusionConfiguration } from "@atelier/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importDdpm } from "./ddpm-import.js";
import { writeModelFolder } from "./model-folder.js";

const x = Array.from({ length: 2 * 16 }, (_, i) => Math.sin(i));
const backbone = {
  kind: "unet",
  channels: 4,
  multipliers: [1],
  blocks: 1,
  attention: [],
  headWidth: 64,
  dropout: 0,
} as const;
const settings = { batch: 2, seed: 1, threads: 1, parameters: 1, versions: { torch: "2" } };
const run = { steps: 3, seconds: 0.5, ...settings, network: backbone };

let folder: string;
let like: string;
let weights: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  [like, weights] = [join(folder, "like"), join(folder, "ddpm.safetensors")];
  const codec = new ImageCodec({ size: 4, channels: 1 });
  const conditions = [{ name: "class", role: "label", classes: 2, drop: 0.1 }] as const;
  const { denoiser } = diffusion(diffusionConfiguration({ shape: codec.spec.shape, backbone, conditions })).networks;
  const { params } = Scope.declare(denoiser!, RandomKey.fromSeed(1));
  const bytes = Buffer.concat(encodeSafetensors(new Map(flattenTree<HostTensor>(params))));
  const ours = { ...backbone, patch: 2, channels: 8 };
  const learning = { prediction: "v", noise: { kind: "log-normal" }, dataDeviation: 0.5 };
  const sampling = { sampler: "dpmpp_2m", steps: 20, guidance: 1 };
  await writeModelFolder(like, {
    family: "diffusion",
    configuration: { backbone: ours, ...learning, classes: ["a", "b"], classDrop: 0.1, sampling },
    codec: codec.toJSON(),
    weights: bytes,
    training: { recipe: { data: "d", family: "diffusion", model: { classes: 0.1 } } },
  });
  await writeFile(weights, bytes);
});
afterAll(() => rm(folder, { recursive: true }));

const record = (denoised: readonly number[]): Promise<void> =>
  writeFile(`${weights}.json`, JSON.stringify({ ...run, probe: { x, sigma: [0.5, 20], labels: [1, -1], denoised } }));

test("weights become a DDPM of their own network, drawn from as the model it is like", async () => {
  await record(x);
  const out = join(folder, "models", "ddpm");
  const { largestDifference, ...rest } = await importDdpm(weights, { like, out });
  expect(largestDifference).toBeLessThan(1e-6);
  expect(rest).toMatchObject({ folder: out, steps: 3, seconds: 0.5 });
  const model = JSON.parse(await readFile(join(out, "model.json"), "utf8"));
  expect(model).toMatchObject({
    name: "ddpm",
    configuration: {
      backbone: { channels: 4 },
      prediction: "epsilon",
      noise: { steps: 1000 },
      dataDeviation: 1,
      sampling: { steps: 20 },
    },
    training: { recipe: { data: "d", model: { prediction: "epsilon", classes: 0.1 } } },
  });
});

test("what PyTorch computes otherwise is refused", async () => {
  await record(x.map((value, i) => (i === 3 ? value + 0.01 : value)));
  const importing = importDdpm(weights, { like, out: join(folder, "other") });
  await expect(importing).rejects.toThrow(/differs by 0\.0(2|19)/);
});

test("other networks are refused, by the name of a tensor", async () => {
  await record(x);
  const small = join(folder, "small.safetensors");
  const tensor = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) } as const;
  await writeFile(small, Buffer.concat(encodeSafetensors(new Map([["network.input.bias", tensor]]))));
  await writeFile(`${small}.json`, await readFile(`${weights}.json`));
  const importing = importDdpm(small, { like, out: join(folder, "third") });
  await expect(importing).rejects.toThrow("The networks differ: network.input.bias is 2 in PyTorch, 4 here.");
});
