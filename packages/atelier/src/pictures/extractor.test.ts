/** What pictures are compared by: each kind of extractor gives what it says it gives. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageCodec, PictureSet } from "@atelier/data";
import { beforeAll, describe, expect, it } from "vitest";
import { testHome } from "../library/tiny-models.test-helpers.js";
import { exportModel } from "../model/export.js";
import { openModel } from "../model/load.js";
import { setOf } from "./examine-samples.js";
import { openExtractor } from "./extractor.js";
import { SIZE, tinyClassifier, tinyPicture, tinyVae } from "./tiny-pictures.test-helpers.js";

const home = testHome();
const form = new ImageCodec({ size: SIZE, channels: 1 });
const pictures = setOf(
  [1, 2, 3].map((seed) => tinyPicture("down", seed)),
  "down",
);

beforeAll(async () => {
  await tinyClassifier({ home, steps: 8 });
  await tinyVae({ home, steps: 8 });
});

describe("the pixels", () => {
  it("are features as they are where they are few", async () => {
    const extractor = await openExtractor("pixels", home, form, {});
    const { features, width } = await extractor.extract(pictures);
    expect(width).toBe(64);
    expect(features).toEqual(form.encode(pictures.rows([0, 1, 2])));
    expect(extractor.resize).toBe("none");
  });

  it("are averaged down where they are many", async () => {
    const large = new ImageCodec({ size: 32, channels: 1 });
    const halves = new Uint8Array(32 * 32).map((_, i) => (i % 32 < 16 ? 0 : 255));
    const set = new PictureSet({ width: 32, height: 32, channels: 1, pixels: halves });
    const extractor = await openExtractor("pixels", home, large, {});
    const { features, width } = await extractor.extract(set);
    expect(width).toBe(64);
    // Far from the edge between the halves nothing but its own half is seen.
    for (let row = 0; row < 8; row++) {
      expect(features[8 * row]).toBeCloseTo(-1, 5);
      expect(features[8 * row + 7]).toBeCloseTo(1, 5);
    }
    expect(extractor.resize).toBe("linear to 8×8");
  });
});

describe("a classifier that was trained here", () => {
  it("is named as such, with the layer before its last", async () => {
    const extractor = await openExtractor("classifier", home, form, {});
    expect(extractor.description).toMatch(
      /^the classifier classifier of 3 classes, trained here on tiny .* 16 features/,
    );
    expect(extractor.description).not.toMatch(/inception/i);
    const { features, probabilities, width } = await extractor.extract(pictures);
    await extractor.release();
    expect([features.length, width]).toEqual([48, 16]);
    for (let row = 0; row < 3; row++) {
      const sum = probabilities!.slice(3 * row, 3 * row + 3).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
  });

  it("sees pictures of another size as its own codec resizes them", async () => {
    const large = new ImageCodec({ size: 16, channels: 3 });
    const pixels = new Uint8Array(2 * 16 * 16 * 3).fill(128);
    const set = new PictureSet({ width: 16, height: 16, channels: 3, pixels });
    const extractor = await openExtractor("classifier", home, large, {});
    expect(extractor.resize).toBe("lanczos3 to 8×8×1");
    const { features } = await extractor.extract(set);
    const grey = new PictureSet({ width: 8, height: 8, channels: 1, pixels: new Uint8Array(64).fill(128) });
    const { features: own } = await extractor.extract(grey);
    await extractor.release();
    for (const [i, value] of own.entries()) expect(features[i]).toBeCloseTo(value, 5);
  });

  it("is not any model", async () => {
    await expect(openExtractor("vae", home, form, {})).rejects.toThrow("it is a vae");
    await expect(openExtractor("nobody", home, form, {})).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("an ONNX file", () => {
  const file = join(home, "features.onnx");
  const about = {
    description: "a small network for tests",
    input: "x",
    output: "features",
    size: SIZE,
    channels: 1,
    // The network wants [-1, 1].
    mean: [0.5],
    deviation: [0.5],
    batch: 2,
  };
  beforeAll(async () => {
    await exportModel(await openModel(home, "classifier"), { format: "onnx", out: file, rows: 2 });
    await writeFile(`${file}.json`, JSON.stringify(about));
  });

  it("gives its output, in batches of its own size, named with its hash", async () => {
    const [onnx, model] = [
      await openExtractor(file, home, form, {}),
      await openExtractor("classifier", home, form, {}),
    ];
    expect(onnx.description).toMatch(
      /^a small network for tests \(features\.onnx, sha256 [0-9a-f]{12}\), output features$/,
    );
    const { features, width } = await onnx.extract(pictures);
    const { features: wanted } = await model.extract(pictures);
    await onnx.release();
    await model.release();
    expect(width).toBe(16);
    for (const [i, value] of wanted.entries()) expect(features[i]).toBeCloseTo(value, 4);
  });

  it("that is not there, or whose description does not fit, is refused", async () => {
    await expect(openExtractor(join(home, "no.onnx"), home, form, {})).rejects.toMatchObject({ code: "NOT_FOUND" });
    await writeFile(`${file}.json`, JSON.stringify({ ...about, mean: [0.5, 0.5] }));
    await expect(openExtractor(file, home, form, {})).rejects.toThrow("mean and deviation need 1 numbers each");
    await writeFile(`${file}.json`, JSON.stringify({ ...about, output: "none" }));
    const extractor = await openExtractor(file, home, form, {});
    await expect(extractor.extract(pictures)).rejects.toThrow('no output "none"');
    await extractor.release();
  });
});
