/** What is exported of picture models, run by ONNX Runtime alone, gives what their tools give. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RandomKey } from "@atelier/engine";
import ort from "onnxruntime-node";
import { beforeAll, expect, it } from "vitest";
import { testHome } from "../library/tiny-models.test-helpers.js";
import {
  tinyClassifier,
  tinyDiffusion,
  tinyGan,
  tinyPicture,
  tinyVae,
  tinyVq,
} from "../pictures/tiny-pictures.test-helpers.js";
import { exportModel } from "./export.js";
import { type LoadedPictureModel, openModel } from "./load.js";

const home = testHome();
beforeAll(async () => {
  await tinyVae({ home, classes: true, steps: 8 });
  await tinyVq({ home, steps: 8 });
  await tinyClassifier({ home, steps: 8 });
  await tinyDiffusion({ home, steps: 8, classes: true });
  await tinyGan({ home, steps: 8, classes: true });
});

async function open(name: string): Promise<LoadedPictureModel> {
  const loaded = await openModel(home, name);
  if (loaded.medium !== "pictures") throw new Error(`${name} is no model of pictures`);
  return loaded;
}

async function run(name: string, feeds: Record<string, ort.Tensor>): Promise<Record<string, number[]>> {
  const out = join(home, `${name}.onnx`);
  await exportModel(await open(name), { format: "onnx", out, rows: 2 });
  const session = await ort.InferenceSession.create(readFileSync(out));
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([key, { data }]) => [key, Array.from(data as Float32Array, Number)]),
  );
}

function expectClose(found: readonly number[] | undefined, wanted: ArrayLike<number>): void {
  expect(found).toHaveLength(wanted.length);
  for (const [i, value] of found!.entries()) expect(value).toBeCloseTo(wanted[i]!, 4);
}

it("a VAE's decoder, asked for a class", async () => {
  const { model, state } = await open("vae");
  const z = RandomKey.fromSeed(2).normal(new Float32Array(8));
  const labels = Int32Array.of(1, -1);
  const coder = model.coder!(state, {});
  const wanted = await coder.decode(z, labels);
  await coder.release();
  const feeds = { z: new ort.Tensor("float32", z, [2, 4]), class: new ort.Tensor("int32", labels, [2]) };
  expectClose((await run("vae", feeds)).picture, wanted);
});

it("a vq's decoder", async () => {
  const { model, state } = await open("vq");
  const codes = model.codes!(state, {});
  const drawn = Int32Array.from({ length: 2 * codes.height * codes.width }, (_, i) => (5 * i) % codes.size);
  const wanted = await codes.decode(drawn);
  await codes.release();
  const feeds = { codes: new ort.Tensor("int32", drawn, [2, drawn.length / 2]) };
  expectClose((await run("vq", feeds)).picture, wanted);
});

it("a GAN's generator, asked for a class", async () => {
  const { model, state } = await open("gan");
  const key = RandomKey.fromSeed(4);
  const generator = model.generator!(state, {});
  const wanted = await generator.generate({ count: 2, label: 1 }, key);
  await generator.release();
  const z = new Float32Array(2 * 8);
  for (const i of [0, 1]) key.at(i).normal(z.subarray(8 * i, 8 * (i + 1)));
  const labels = Int32Array.of(1, 1);
  const feeds = { z: new ort.Tensor("float32", z, [2, 8]), class: new ort.Tensor("int32", labels, [2]) };
  expectClose((await run("gan", feeds)).picture, wanted);
});

it("a diffusion model's denoiser: one step of Euler's method from noise is what it says of it", async () => {
  const { model, state } = await open("diffusion");
  const key = RandomKey.fromSeed(4);
  const generator = model.generator!(state, {});
  const wanted = await generator.generate({ count: 2, label: 1, sampler: "euler", steps: 1 }, key);
  await generator.release();
  const sigma = 160 * Number(model.configuration.dataDeviation);
  const x = new Float32Array(2 * 64);
  for (const i of [0, 1])
    key
      .at(i)
      .split("start")
      .at(0)
      .normal(x.subarray(64 * i, 64 * (i + 1)), 0, sigma);
  const feeds = {
    x: new ort.Tensor("float32", x, [2, 1, 8, 8]),
    sigma: new ort.Tensor("float32", Float32Array.of(sigma, sigma), [2]),
    class: new ort.Tensor("int32", Int32Array.of(1, 1), [2]),
  };
  expectClose((await run("diffusion", feeds)).denoised, wanted);
});

it("a classifier's logits and features", async () => {
  const { model, state } = await open("classifier");
  const x = model.codec.encode(Buffer.concat([tinyPicture("down", 90).data, tinyPicture("spot", 91).data]));
  const embedder = model.embedder!(state, {});
  const { features, probabilities } = await embedder.embed(x);
  await embedder.release();
  const made = await run("classifier", { x: new ort.Tensor("float32", x, [2, 1, 8, 8]) });
  expectClose(made.features, features);
  const [first] = [made.logits!.slice(0, 3)];
  const total = first!.reduce((sum, logit) => sum + Math.exp(logit), 0);
  expectClose(
    first!.map((logit) => Math.exp(logit) / total),
    probabilities!.slice(0, 3),
  );
});

it("is refused where lengths or rounded weights are asked of it", async () => {
  const loaded = await open("vae");
  const out = join(home, "no.onnx");
  await expect(exportModel(loaded, { format: "onnx", out, length: 4 })).rejects.toThrow("whose size is fixed");
  await expect(exportModel(loaded, { format: "onnx", out, weights: "float16" })).rejects.toThrow("32-bit weights");
});
