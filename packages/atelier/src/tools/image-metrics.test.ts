/** Figures that other programs found are found again, and files that hold none are refused in words. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageMetrics, passes, strayOf, valuesOf } from "./image-metrics-fixture.js";

// image-metrics: the prdc package, scipy's sqrtm and others. image-metrics-wide: numpy, of fewer rows than columns, in uneven splits.
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.json`, import.meta.url));

describe("imageMetrics", () => {
  it.each(["image-metrics", "image-metrics-wide"])("gives the figures of %s", async (name) => {
    const metrics = await imageMetrics(fixture(name));
    expect(metrics.length).toBe(7);
    for (const metric of metrics) {
      expect(strayOf(metric)).toBeLessThan(metric.name === "fid" ? 1e-4 : 1e-6);
      expect(passes(metric)).toBe(true);
    }
    const { values, inception } = JSON.parse(await readFile(fixture(name), "utf8"));
    const { inception: score, ...others } = valuesOf(metrics);
    expect(Object.keys(others).sort()).toEqual(Object.keys(values).sort());
    expect(score).toEqual({ score: expect.closeTo(inception.score, 6) });
  });

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-image-metrics-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const measured = async (content: unknown) => {
    const path = join(folder, "file.json");
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return imageMetrics(path);
  };
  const features = { real: [[0], [1], [3]], fake: [[1], [2]] };

  it("only measures what nothing is expected of, and only what there is", async () => {
    const metrics = await measured(features);
    expect(metrics.map(({ name, expected }) => [name, expected])).toEqual([
      ["fid", undefined],
      ["kid", undefined],
    ]);
    expect(metrics.every(passes)).toBe(true);
    const even = {
      probabilities: [
        [1, 0],
        [0, 1],
      ],
    };
    expect(valuesOf(await measured({ inception: even }))).toEqual({ inception: { score: expect.closeTo(2, 12) } });
  });

  it("notices a figure that differs by more than its bar", async () => {
    const [fid, kid] = await measured(features);
    const near = { ...features, values: { fid: fid!.value * (1 + 5e-5), kid: kid!.value * (1 + 5e-7) } };
    expect((await measured(near)).map(passes)).toEqual([true, true]);
    const off = { ...features, values: { fid: fid!.value * (1 + 2e-4), kid: kid!.value * (1 + 2e-6) } };
    expect((await measured(off)).map(passes)).toEqual([false, false]);
    const zero = { ...features, nearest_k: 1, values: { precision: 0 } };
    expect((await measured(zero)).find(({ name }) => name === "precision")).toMatchObject({ value: 1, expected: 0 });
    expect((await measured(zero)).every(passes)).toBe(false);
  });

  it.each([
    ["no JSON", "[1, NaN]", "BAD_FORMAT", "it is not JSON"],
    ["a number that is none", { ...features, fake: [[1], [null]] }, "BAD_FORMAT", "fake.1.0"],
    ["a number too large", '{"real": [[1e999]], "fake": [[1]]}', "BAD_FORMAT", "real.0.0"],
    ["an unknown figure", { ...features, values: { ssim: 1 } }, "BAD_FORMAT", "ssim"],
    ["a figure of missing data", { ...features, values: { recall: 1 } }, "BAD_FORMAT", "expects recall"],
    [
      "a figure of half the data",
      { real: features.real, values: { fid: 1 } },
      "BAD_FORMAT",
      "`real` and `fake` come together",
    ],
    ["a figure of no data", { values: { fid: 1 } }, "BAD_FORMAT", "expects fid"],
    ["nothing", {}, "BAD_FORMAT", "nothing to measure"],
    ["ragged rows", { ...features, real: [[0], [1, 2]] }, "INVALID_ARGUMENT", "Row 1 of the real features"],
    [
      "different widths",
      {
        ...features,
        fake: [
          [0, 1],
          [1, 2],
        ],
      },
      "INVALID_ARGUMENT",
      "compared",
    ],
    ["too many neighbours", { ...features, nearest_k: 2 }, "INVALID_ARGUMENT", "The nearest 2 neighbours"],
    ["one row", { ...features, fake: [[1]] }, "INVALID_ARGUMENT", "One picture"],
    ["no probabilities", { inception: { probabilities: [[0.2, 0.2]] } }, "INVALID_ARGUMENT", "adds up to 0.4"],
    ["too many splits", { inception: { probabilities: [[1]], splits: 2 } }, "INVALID_ARGUMENT", "2 parts"],
  ])("refuses %s", async (_, content, code, message) => {
    await expect(measured(content)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it("says that there is no such file", async () => {
    await expect(imageMetrics(join(folder, "none.json"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
