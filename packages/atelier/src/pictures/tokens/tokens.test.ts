/** A tiny vq as a codec, and a tiny gpt over its tokens: 8×8 pictures, which are 2×2 codes out of 16. */
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { loadTextCodec, type PictureSet } from "@atelier/data";
import { ArgumentError, FormatError, type HostTensor, RandomKey, Scope, type TreeRecord } from "@atelier/engine";
import type { GptConfiguration } from "@atelier/models";
import { beforeAll, describe, expect, it } from "vitest";
import { testHome } from "../../library/tiny-models.test-helpers.js";
import { openModel, requirePictures } from "../../model/load.js";
import { RecipeError, resolveRecipe, resolveTextRecipe } from "../../recipe/resolve.js";
import { fitCodec } from "../../training/fit-codec.js";
import { openSubject } from "../../training/open-subject.js";
import { resume, train } from "../../training/train.js";
import { setOf } from "../examine-samples.js";
import { CLASSES, SIZE, tinyPicture, tinyPictures, tinyVq } from "../tiny-pictures.test-helpers.js";
import { PictureTokensCodec } from "./codec.js";
import { restorePictureTokensModel } from "./model.js";

const home = testHome();
const CODES = 16;
const LENGTH = 4;
const data = { name: "tiny", pictures: tinyPictures(50) };
const recipe = {
  data: "tiny",
  codec: { kind: "vq", model: "vq" },
  model: { layers: 1, heads: 2, width: 16 },
  training: { steps: 24, batch: 30, evaluateEvery: 12, checkpointEvery: 12, repeat: 4 },
};
/** As many of each class. */
const some = (count: number): PictureSet =>
  setOf(Array.from({ length: count }, (_, i) => CLASSES.map((label) => tinyPicture(label, i + 1))).flat(), "picture");

let codec: PictureTokensCodec;
beforeAll(async () => {
  await tinyVq({ home });
  codec = await PictureTokensCodec.open(home, "vq");
  await train(recipe, { home, name: "codes", threads: 1, data });
});

describe("a vq as a codec", () => {
  it("says what its tokens are", () => {
    expect(codec).toMatchObject({ kind: "tokens", name: "vq", length: LENGTH });
    const specials = { "<|endoftext|>": CODES };
    expect(codec.spec).toEqual({ kind: "items", vocabulary: CODES + 1, specials, maxLength: LENGTH });
    // A code stands for a quarter of 8×8 grey pixels.
    expect(codec.bytesOf([CODES, 3, 0, 7, 7, CODES])).toBe(64);
    expect(codec.bytesOf([CODES])).toBe(0);
  });

  it("makes a start and its codes of every picture, and pictures of codes, as the vq does", async () => {
    const pictures = some(2);
    const items = await codec.encode(pictures);
    const { model, state } = requirePictures(await openModel(home, "vq"));
    const codes = model.codes!(state, {});
    const expected: number[] = [];
    for (let i = 0; i < pictures.length; i++) {
      expected.push(CODES, ...(await codes.encode(model.codec.encode(pictures.rows([i])))));
    }
    await codes.release();
    expect([...items.read(0, items.length)]).toEqual([...expected, CODES]);
    expect(new Set(expected).size).toBeGreaterThan(3);

    const ids = Int32Array.from(expected.filter((id) => id !== CODES));
    const back = codec.codes();
    const values = await back.decode(ids);
    const again = await back.encode(model.codec.encode(pictures.rows([0, 1, 2, 3, 4, 5])));
    await back.release();
    expect(again).toEqual(ids);
    const original = codec.image.encode(pictures.rows([0, 1, 2, 3, 4, 5]));
    const error = values.reduce((sum, x, i) => sum + (x - original[i]!) ** 2, 0);
    const mean = original.reduce((sum, x) => sum + x, 0) / original.length;
    expect(error).toBeLessThan(0.5 * original.reduce((sum, x) => sum + (x - mean) ** 2, 0));
  });

  it("is whole in its JSON, pinned by the hash of the vq's weights", async () => {
    const json = JSON.parse(JSON.stringify(codec.toJSON()));
    const weights = readFileSync(join(home, "models/vq/weights.safetensors"));
    expect(json.sha256).toBe(createHash("sha256").update(weights).digest("hex"));
    const loaded = PictureTokensCodec.load(json);
    const [a, b] = [await codec.encode(some(3)), await loaded.encode(some(3))];
    expect(b.read(0, b.length)).toEqual(a.read(0, a.length));
    expect(loaded.toJSON()).toEqual(json);

    const refused = (changes: object, message: string): void => {
      expect(() => PictureTokensCodec.load({ ...json, ...changes })).toThrow(FormatError);
      expect(() => PictureTokensCodec.load({ ...json, ...changes })).toThrow(message);
    };
    const altered = Uint8Array.from(weights);
    altered[altered.length - 1]! ^= 1;
    refused({ weights: Buffer.from(altered).toString("base64") }, "do not match their SHA-256");
    refused({ weights: undefined }, "weights");
    refused({ recipe: { family: "vq" } }, 'recipe in the saved codec cannot be read: The recipe\'s "data"');
    refused({ recipe: { data: "a.txt" } }, "one for texts");
    refused({ configuration: {} }, "the configuration is not that of a vq");
    expect(() => loadTextCodec(json)).toThrow(FormatError);
    // Of another vq than the gpt was trained on.
    const { model } = requirePictures(await openModel(home, "codes"));
    const other = { ...model.configuration, vocabulary: 9 } as GptConfiguration;
    const restore = () => restorePictureTokensModel("gpt", other, json, "model.json");
    expect(restore).toThrow("model.json: a gpt of 9 tokens and a context of 5 is no model of 2×2 codes out of 16");
  });
});

describe("training on codes", () => {
  it("has a picture in every row, and every picture once in a pass", async () => {
    const subject = await openSubject(resolveRecipe(recipe), { home, data });
    expect(subject).toMatchObject({ family: "gpt", unit: "pictures", unitsAStep: 30, can: ["generate"] });
    const batches = subject.batches(RandomKey.fromSeed(1));
    const seen: string[] = [];
    // 120 pictures to train on.
    for (let step = 0; step < 4; step++) {
      const { inputs, targets } = batches(step) as Record<"inputs" | "targets", HostTensor>;
      expect([inputs.shape, targets.shape]).toEqual([
        [30, LENGTH + 1],
        [30, LENGTH + 1],
      ]);
      for (let row = 0; row < 30; row++) {
        const [input, target] = [inputs, targets].map(({ data }) => [
          ...data.subarray(row * (LENGTH + 1), (row + 1) * (LENGTH + 1)),
        ]);
        expect([input![0], target!.at(-1)]).toEqual([CODES, CODES]);
        expect(input!.slice(1)).toEqual(target!.slice(0, -1));
        expect(Math.max(...input!.slice(1))).toBeLessThan(CODES);
        seen.push(input!.slice(1).join());
      }
    }
    // The split is the vq's: the same seed and share.
    const { openCollection } = await import("../collection.js");
    const { train: pictures } = await openCollection(codec.recipe, { home, data });
    const items = await codec.encode(pictures);
    const all = Array.from({ length: pictures.length }, (_, i) => [...items.read(5 * i + 1, 5 * i + 5)].join());
    expect(seen.sort()).toEqual(all.sort());
    expect(batches(4)).not.toEqual(batches(0));
    expect(batches(2)).toEqual(batches(2));
  });

  it("learns: the saved model predicts codes better than chance, picture by picture", async () => {
    const { model, state } = requirePictures(await openModel(home, "codes"));
    const judge = model.judge!({ threads: 1 });
    const pictures = some(10);
    const { losses } = await judge.judge(state, pictures);
    expect(losses).toHaveLength(30);
    const own = losses.reduce((sum, loss) => sum + loss, 0) / 30;
    expect(own).toBeLessThan(0.8 * Math.log(CODES + 1));
    // A picture's loss has nothing to do with those beside it.
    const few = await judge.judge(state, pictures.select([7, 2]));
    expect(few.losses[0]).toBeCloseTo(losses[7]!, 5);
    expect(few.losses[1]).toBeCloseTo(losses[2]!, 5);
    // Before training, every token is as probable as any other.
    const untrained = { params: untrainedParams(model), buffers: {} };
    for (const loss of (await judge.judge(untrained, pictures)).losses)
      expect(loss).toBeCloseTo(Math.log(CODES + 1), 5);
    await judge.release();
  });

  it("is measured as pictures are", () => {
    const evidence = JSON.parse(readFileSync(join(home, "models/codes/evidence.json"), "utf8"));
    const names = evidence.measures.map(({ name }: { name: string }) => name);
    expect(names).toContain("negative log-likelihood of the codes");
    expect(names).toContain("Fréchet distance");
    expect(evidence.measures[0].baseline.name).toMatch(/-gram Kneser-Ney over the codes$/);
  });

  const untrainedParams = (model: { trainable: { networks: Record<string, unknown> } }): TreeRecord<HostTensor> =>
    Scope.declare(model.trainable.networks.gpt as never, RandomKey.fromSeed(1)).params;

  it("draws pictures, never a start among their codes, each from its own key", async () => {
    const { model, state } = requirePictures(await openModel(home, "codes"));
    const key = RandomKey.fromSeed(3);
    const generator = model.generator!(state, { threads: 1 });
    const many = await generator.generate({ count: 200 }, key);
    expect(many).toHaveLength(200 * SIZE * SIZE);
    expect(model.codec.decode(many)).toHaveLength(200);
    // Across the border between two calls, too.
    const fewer = await generator.generate({ count: 130 }, key);
    expect(fewer).toEqual(many.slice(0, fewer.length));
    await generator.release();
    // Untrained, one token in 17 would be a start, for which there is no code to decode.
    const untrained = model.generator!({ params: untrainedParams(model), buffers: {} }, { threads: 1 });
    const noise = await untrained.generate({ count: 200 }, key);
    await untrained.release();
    const codes = codec.codes();
    const used = new Set(await codes.encode(noise));
    await codes.release();
    expect(used.size).toBeGreaterThan(4);
  });
});

describe("what cannot be", () => {
  const refuse = async (changes: object, message: string): Promise<void> => {
    const open = openSubject(resolveTextRecipe({ ...recipe, ...changes }), { home, data });
    await expect(open).rejects.toThrow(RecipeError);
    await expect(open).rejects.toThrow(message);
  };

  it("is refused with what to do", async () => {
    await refuse({ family: "bert" }, 'The family "bert" makes no pictures of codes');
    await refuse({ curation: {} }, '"curation" is for texts here');
    await refuse({ model: { context: 64 } }, "model.context is 64, and a picture is 5 tokens: a start and 4 codes");
    await refuse({ codec: { kind: "vq", model: "codes" } }, "codes is a gpt, and only a vq makes tokens of pictures");
    const texts = { name: "t", documents: [{ name: "a", text: "a" }] };
    await expect(openSubject(resolveRecipe(recipe), { home, data: texts })).rejects.toThrow(ArgumentError);
    const text = { train: () => [], all: () => [], trainCharacters: 0 } as never;
    await expect(fitCodec({ kind: "vq", model: "vq" }, text, { specials: [] })).rejects.toThrow(RecipeError);
    await expect(train({ data: "tiny", from: "codes" }, { home, data })).rejects.toThrow("codes makes pictures (gpt)");
  });
});

describe("a run that goes on", () => {
  it("needs the vq no more", async () => {
    const stop = new AbortController();
    const onEvent = ({ kind }: { kind: string }): void => {
      if (kind === "checkpoint") stop.abort();
    };
    const whole = readFileSync(join(home, "models/codes/weights.safetensors"));
    await train(recipe, { home, name: "stopped", threads: 1, data, signal: stop.signal, onEvent }).catch(() => {});
    rmSync(join(home, "models/vq"), { recursive: true });
    const { status } = await resume("stopped", { home, threads: 1, data });
    expect(status).toBe("finished");
    expect(readFileSync(join(home, "models/stopped/weights.safetensors")).equals(whole)).toBe(true);
  });
});
