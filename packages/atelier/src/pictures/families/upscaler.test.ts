/** An upscaler among the other families: how it is judged, what it has to beat, and pictures that are larger than those it learnt from. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageCodec, PictureSet } from "@atelier/data";
import { type HostTensor, hostTensor, mapTree, RandomKey, Scope, type TreeRecord } from "@atelier/engine";
import { upscaler, upscalerConfiguration } from "@atelier/models";
import { beforeAll, describe, expect, it } from "vitest";
import type { Measure } from "../../evaluation/metrics/measure.js";
import { testHome } from "../../library/tiny-models.test-helpers.js";
import { type LoadedPictureModel, openModel } from "../../model/load.js";
import { requirePictureRecipe, resolveRecipe } from "../../recipe/resolve.js";
import type { Values } from "../picture-family.js";
import { restorePictureModel } from "../restore-model.js";
import { SIZE, tinyPictures, tinyUpscaler } from "../tiny-pictures.test-helpers.js";
import { squaredErrors, upscalerFamily } from "./upscaler.js";
import { decibels } from "./upscaler-examination.js";
import { upscalerTool, windowsOf } from "./upscaler-tool.js";

const home = testHome();
const on = { threads: 1 };
let loaded: LoadedPictureModel;
beforeAll(async () => {
  await tinyUpscaler({ home, steps: 200 });
  const opened = await openModel(home, "upscaler");
  if (opened.medium !== "pictures") throw new Error("a model of pictures was saved");
  loaded = opened;
});

const pictures = new PictureSet({
  width: SIZE,
  height: SIZE,
  channels: 1,
  pixels: Buffer.concat(tinyPictures(3, 500).map(({ picture }) => (picture as { data: Uint8Array }).data)),
});
/** Of a picture with brightness at (x, y), the mean of each 2×2 square, in whole levels. */
function shrunk(level: (x: number, y: number) => number): number[] {
  const half = SIZE / 2;
  return Array.from({ length: half * half }, (_, i) => {
    const [x, y] = [2 * (i % half), 2 * Math.floor(i / half)];
    return Math.floor((level(x, y) + level(x + 1, y) + level(x, y + 1) + level(x + 1, y + 1)) / 4 + 0.5);
  });
}

describe("judged", () => {
  it("each picture costs the mean squared difference from what the tool makes of its small one", async () => {
    const { model, state } = loaded;
    const judge = model.judge!(on);
    const { losses } = await judge.judge(state, pictures);
    await judge.release();
    const tool = model.upscaler!(state, on);
    const half = SIZE / 2;
    for (let i = 0; i < pictures.length; i++) {
      const { data } = pictures.picture(i);
      const small = Float32Array.from(
        shrunk((x, y) => data[y * SIZE + x]!),
        (level) => level / 127.5 - 1,
      );
      const large = await tool.enlarge(small, { height: half, width: half });
      const errors = Array.from(data, (level, place) => (level - (large[place]! + 1) * 127.5) ** 2);
      expect(losses[i]).toBeCloseTo(errors.reduce((sum, error) => sum + error, 0) / errors.length, 3);
    }
    await tool.release();
  });

  it("has left bicubic enlarging behind, in squared error and in decibels", async () => {
    const read: { measures: Measure[] } = JSON.parse(
      await readFile(join(home, "models", "upscaler", "evidence.json"), "utf8"),
    );
    const of = (name: string): Measure => {
      const found = read.measures.find((measure) => measure.name === name);
      if (found?.baseline === undefined) throw new Error(`${name} was not measured beside something`);
      return found;
    };
    const [loss, psnr, distance] = [of("mean squared error"), of("PSNR"), of("Fréchet distance of enlarged pictures")];
    for (const { baseline } of [loss, psnr, distance]) expect(baseline!.name).toBe("bicubic enlarging");
    expect(loss.baseline!.difference!.high).toBeLessThan(0);
    expect(psnr.baseline!.difference!.low).toBeGreaterThan(0);
    expect(psnr.value - psnr.baseline!.value).toBeCloseTo(psnr.baseline!.difference!.value, 9);
    // The mean of logarithms is above the logarithm of the mean, by Jensen's inequality, and not far.
    for (const [mean, error] of [
      [psnr.value, loss.value],
      [psnr.baseline!.value, loss.baseline!.value],
    ] as const) {
      expect(mean).toBeGreaterThan(decibels(error));
      expect(mean).toBeLessThan(decibels(error) + 3);
    }
    expect(distance.value).toBeGreaterThan(0);
    expect(psnr.samples).toBe(30);
  });

  it("decibels are of the range, with an error of rounding at least", () => {
    expect(decibels(255 ** 2)).toBe(0);
    expect(decibels(65.025)).toBeCloseTo(30, 9);
    expect(decibels(0)).toBeCloseTo(58.92, 2);
  });

  it("squared errors are means over the bytes of each picture", () => {
    const set = (...pixels: number[]) =>
      new PictureSet({ width: 2, height: 1, channels: 1, pixels: Uint8Array.from(pixels) });
    expect([...squaredErrors(set(0, 10, 255, 0), set(3, 6, 255, 0))]).toEqual([12.5, 0]);
  });
});

describe("pictures of any size", () => {
  const c = upscalerConfiguration({ shape: [3, 8, 8], channels: 4, blocks: 1, factor: 4 });
  const [height, width] = [19, 27];
  // As drawn, the last layer would add nothing.
  const key = RandomKey.fromSeed(3);
  const params = mapTree(Scope.declare(upscaler(c).networks.upscaler!, key).params, ({ data, shape }, path) =>
    hostTensor(key.split(path).normal(new Float32Array(data.length), 0, 0.2), shape),
  ) as TreeRecord<HostTensor>;

  it("come out window by window as they do in one piece", async () => {
    const values: Values = Float32Array.from(key.normal(new Float32Array(2 * 3 * height * width), 0, 0.5));
    const state = { params, buffers: {} };
    const [whole, cut] = [upscalerTool(c, state, on), upscalerTool(c, state, on, 13)];
    let calls = 0;
    const expected = await whole.enlarge(values, { height, width });
    const actual = await cut.enlarge(values, { height, width }, { onProgress: () => calls++ });
    expect(expected).toHaveLength(16 * values.length);
    // Sums in another order may round to the next level.
    const apart = expected.map((value, i) => Math.abs(value - actual[i]!));
    expect(Math.max(...apart)).toBeLessThan(1.01 / 127.5);
    expect(apart.filter((difference) => difference > 1e-6).length).toBeLessThan(20);
    expect(calls).toBe(2 * 3 * 6);
    await expect(whole.enlarge(values.subarray(1), { height, width })).rejects.toThrow(
      "no whole number of pictures of 27×19",
    );
    await whole.release();
    await cut.release();
  });

  it.each([
    [5, 13, 5],
    [13, 13, 5],
    [14, 13, 5],
    [27, 13, 5],
    [100, 32, 11],
  ])("windows over %d pixels keep each once, with all that it can see", (length, side, reach) => {
    const windows = windowsOf(length, side, reach);
    let kept = 0;
    for (const { from, length: read, keepFrom, keepTo } of windows) {
      expect([keepFrom, read]).toEqual([kept, Math.min(side, length)]);
      expect(keepTo).toBeGreaterThan(keepFrom);
      expect(from).toBeLessThanOrEqual(Math.max(0, keepFrom - reach));
      expect(from + read).toBeGreaterThanOrEqual(Math.min(length, keepTo + reach));
      kept = keepTo;
    }
    expect(kept).toBe(length);
  });
});

describe("what cannot be", () => {
  const made = (model: object, size: number | [number, number]) =>
    upscalerFamily.create(requirePictureRecipe(resolveRecipe({ data: "d", family: "upscaler", model })), {
      codec: new ImageCodec({ size, channels: 1 }),
      classes: [],
    });

  it("is refused by its name", () => {
    expect(() => made({}, [8, 7])).toThrow("a picture of 8×7 has no small one of which it is 2 ×");
    expect(() => made({ factor: 3 }, 8)).toThrow('The recipe\'s "model.factor" is not right');
    const codec = new ImageCodec({ size: 8, channels: 1 }).toJSON();
    expect(() => restorePictureModel("upscaler", { factor: 3, channels: 4, blocks: 1 }, codec, "model.json")).toThrow(
      "model.json: the configuration is not that of an upscaler: factor",
    );
  });
});
