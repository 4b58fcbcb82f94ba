/** Exported models: run by a plain ONNX Runtime, opened again, and refused where they should be. */
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BpeCodec } from "@atelier/data";
import {
  compile,
  flattenTree,
  type HostTensor,
  hostTensor,
  Scope,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";
import { bertLogits, gptLogits, padRows } from "@atelier/models";
import ort from "onnxruntime-node";
import { beforeAll, expect, it } from "vitest";
import { masked, saveTiny, testHome } from "../library/tiny-models.test-helpers.js";
import { loadModel } from "../storage/index.js";
import { exportModel } from "./export.js";
import { importHuggingFace } from "./huggingface.js";
import { importModel } from "./import.js";
import { type LoadedModel, openModel, requireText } from "./load.js";

const home = testHome();
const path = (name: string): string => join(home, name);
beforeAll(async () => {
  await saveTiny(home, "writer");
  await saveTiny(home, "hidden", { family: "bert", codec: masked });
});

/** Logits of one row without padding. */
async function logitsOf(loaded: LoadedModel, ids: Int32Array): Promise<HostTensor> {
  const { model, weights } = requireText(loaded);
  const network = model.family.name === "gpt" ? gptLogits : bertLogits;
  const run = compile(({ params, tokens }: { params: TreeRecord<Tensor>; tokens: Tensor }) => ({
    logits: network(Scope.over({ params }), model.configuration, tokens),
  }));
  const { logits } = await run({ params: weights, tokens: hostTensor(ids, [1, ids.length]) });
  await run.release();
  return logits;
}

const feed = ({ dtype, data, shape }: HostTensor): ort.Tensor => new ort.Tensor(dtype, data, shape);

it.each(["writer", "hidden"])("%s gives its logits in a plain ONNX Runtime, also for a shorter text", async (name) => {
  const loaded = requireText(await openModel(home, name));
  const { codec, configuration } = loaded.model;
  const out = path(`${name}.onnx`);
  const { bytes } = await exportModel(loaded, { format: "onnx", out });
  const file = readFileSync(out);
  expect(bytes).toBe(file.length);
  expect(file.includes(loaded.record.weights.sha256)).toBe(true);
  const session = await ort.InferenceSession.create(file, { graphOptimizationLevel: "disabled" });
  expect(session.inputNames).toEqual(name === "writer" ? ["tokens"] : ["tokens", "visible"]);
  const ids = codec.encode("abc hgf a");
  const { tokens, visible } = padRows([ids], { pad: 0, length: configuration.context });
  const feeds = { tokens: feed(tokens), ...(name === "writer" ? {} : { visible: feed(visible) }) };
  const { logits } = await session.run(feeds);
  await session.release();
  expect(logits!.dims).toEqual([1, 24, configuration.vocabulary]);
  const expected = await logitsOf(loaded, ids);
  expected.data.forEach((value, i) => {
    expect((logits!.data as Float32Array)[i]).toBeCloseTo(value, 4);
  });
});

it("takes other shapes, and refuses impossible ones", async () => {
  const loaded = requireText(await openModel(home, "writer"));
  const out = path("shaped.onnx");
  await exportModel(loaded, { format: "onnx", out, rows: 2, length: 5 });
  const session = await ort.InferenceSession.create(readFileSync(out));
  const { logits } = await session.run({ tokens: feed(hostTensor(new Int32Array(10), [2, 5])) });
  await session.release();
  expect(logits!.dims).toEqual([2, 5, loaded.model.configuration.vocabulary]);
  await expect(exportModel(loaded, { format: "onnx", out, length: 25 })).rejects.toThrow(/length.*1 to 24, got 25/);
  await expect(exportModel(loaded, { format: "onnx", out, weights: "float16" })).rejects.toThrow("32-bit");
});

it("writes weights as safetensors, with all it takes to read them", async () => {
  const loaded = requireText(await openModel(home, "writer"));
  await exportModel(loaded, { format: "safetensors", out: path("writer.safetensors") });
  const { tensors, metadata } = decodeSafetensors(readFileSync(path("writer.safetensors")));
  expect([...tensors].sort()).toEqual([...flattenTree<HostTensor>(loaded.weights)].sort());
  expect(JSON.parse(metadata["atelier.codec"]!)).toEqual(loaded.model.codec.toJSON());
  expect(JSON.parse(metadata["atelier.configuration"]!)).toEqual({ ...loaded.model.configuration });
});

it("copies a model at half the size, which says that it was rounded", async () => {
  const loaded = requireText(await openModel(home, "writer"));
  const out = path("half");
  await exportModel(loaded, { format: "atelier", out, weights: "float16" });
  const copy = await loadModel(home, out);
  const size = (folder: string): number => statSync(join(folder, "weights.safetensors")).size;
  // The header stays as it is.
  expect(size(out) / size(loaded.directory)).toBeLessThan(0.6);
  for (const [name, { data }] of flattenTree<HostTensor>(loaded.weights)) {
    // Half precision has 11 significant bits: rounding moves a number by at most 2^-11 of it, and small ones by at most 2^-25.
    copy.weights.get(name)!.data.forEach((value, i) => {
      expect(Math.abs(value - data[i]!)).toBeLessThanOrEqual(Math.max(Math.abs(data[i]!) * 2 ** -11, 2 ** -25));
    });
  }
  expect(copy.card).toContain(loaded.record.weights.sha256);
  expect(copy.card).toContain("rounded to float16");
  expect(copy.card).toContain("This is a copy of `writer`");
  expect(copy.card.split("\n")[0]).toBe("# half");
  expect(requireText(await openModel(home, out)).model.codec.toJSON()).toEqual(loaded.model.codec.toJSON());
});

const hfFixture = fileURLToPath(new URL("../tools/fixtures/hf-gpt2-tiny", import.meta.url));

it("gives a Hugging Face folder back as it was imported", async () => {
  await importModel(home, hfFixture, "imported");
  const out = path("hf");
  await exportModel(requireText(await openModel(home, "imported")), { format: "huggingface", out });
  const [theirs, ours] = [hfFixture, out].map((folder) =>
    decodeSafetensors(readFileSync(join(folder, "model.safetensors"))),
  );
  expect([...ours!.tensors].sort()).toEqual([...theirs!.tensors].sort());
  const [written, read] = [out, hfFixture].map((folder) => ({
    config: JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Record<string, unknown>,
    tokenizer: JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")) as Record<string, unknown>,
  }));
  expect(read!.config).toMatchObject({ ...written!.config, n_inner: null });
  expect(written!.config.n_inner).toBe(4 * Number(read!.config.n_embd));
  expect(written!.tokenizer.model).toEqual(read!.tokenizer.model);
  expect(written!.tokenizer.added_tokens).toEqual(read!.tokenizer.added_tokens);
});

it("writes a Hugging Face folder that is imported again, of the right models only", async () => {
  const codec = BpeCodec.train(["the white whale and the sea"], { vocabulary: 262, specials: ["<|endoftext|>"] });
  await saveTiny(home, "classic", { codec, preset: "classic" });
  const loaded = requireText(await openModel(home, "classic"));
  await exportModel(loaded, { format: "huggingface", out: path("classic-hf") });
  const again = await importHuggingFace(path("classic-hf"));
  expect(again.weights).toEqual(loaded.weights);
  expect(again.configuration).toEqual(loaded.model.configuration);
  expect(again.codec.toJSON()).toEqual(codec.toJSON());
  const refused = exportModel(requireText(await openModel(home, "writer")), { format: "huggingface", out: path("no") });
  await expect(refused).rejects.toThrow(/shape of GPT-2: positions rotary.*relu-squared.*codec characters/);
});

it("leaves a folder alone that is there already", async () => {
  mkdirSync(path("taken"));
  const loaded = requireText(await openModel(home, "writer"));
  for (const out of [path("taken"), loaded.directory]) {
    await expect(exportModel(loaded, { format: "atelier", out, force: true })).rejects.toThrow("there already");
  }
});

it("refuses a model that misses the goal of its recipe, unless forced", async () => {
  const recipe = { goal: { metric: "bits per byte", threshold: 2 } };
  const evidence = (value: number) => ({
    protocol: "",
    data: { name: "", fingerprint: "", split: "validation" },
    measures: [{ name: "bits per byte", value, samples: 1, protocol: "", better: "lower" }],
    date: new Date(0).toISOString(),
    versions: {},
  });
  await saveTiny(home, "poor", { recipe, evidence: evidence(2.1) });
  await saveTiny(home, "good", { recipe, evidence: evidence(1.9) });
  await saveTiny(home, "unknown", { recipe });
  const out = path("goal.safetensors");
  for (const name of ["poor", "unknown"]) {
    const refused = exportModel(requireText(await openModel(home, name)), { format: "safetensors", out });
    await expect(refused).rejects.toMatchObject({ code: "GOAL_MISSED", hint: expect.stringMatching(/--force/) });
  }
  expect(existsSync(out)).toBe(false);
  await exportModel(requireText(await openModel(home, "poor")), { format: "safetensors", out, force: true });
  await exportModel(requireText(await openModel(home, "good")), { format: "safetensors", out });
  expect(existsSync(out)).toBe(true);
});
