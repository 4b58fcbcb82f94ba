/** What people do with a trained picture model beside drawing, through the program: on a folder of pictures in classes, one of them left out. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePicture, readPicture } from "@atelier/data";
import { beforeAll, describe, expect, it } from "vitest";
import type { Measure } from "../evaluation/metrics/measure.js";
import { CLASSES, tinyPicture } from "../pictures/tiny-pictures.test-helpers.js";
import { atelier, atelierJson, workFolder } from "./atelier.test-helpers.js";

const folder = workFolder();
const home = join(folder, "home");
const path = (name: string): string => join(folder, name);
const one = path("pictures/across/1.png");
const other = path("pictures/down/2.png");
const run = (...args: string[]): Promise<Record<string, unknown>> => atelierJson(args, { home, cwd: folder });
const sizesIn = async (name: string): Promise<readonly number[]> => {
  const { frames } = await readPicture(readFileSync(path(name)));
  return [frames.length, frames[0]!.width, frames[0]!.height];
};

beforeAll(async () => {
  for (const of of CLASSES) {
    mkdirSync(path(`pictures/${of}`), { recursive: true });
    for (let i = 1; i <= 40; i++)
      writeFileSync(path(`pictures/${of}/${i}.png`), await encodePicture(tinyPicture(of, i)));
  }
  const recipe = {
    data: "pictures",
    family: "vae",
    validation: 0.25,
    exclude: ["spot"],
    model: { latent: 3, network: { kind: "mlp", hidden: [32] }, likelihood: "gaussian" },
    training: { steps: 150, batch: 32, optimiser: { kind: "adamw", learningRate: 0.01 } },
    evaluation: { samples: 64 },
  };
  writeFileSync(path("recipe.json"), JSON.stringify(recipe));
  await run("train", "recipe.json", "--name", "bars");
});

describe("a trained picture model", () => {
  it("gives pictures back beside themselves", async () => {
    const done = await run("reconstruct", "bars", one, other, "--out", "pairs.png");
    const rows = done.reconstructed as { readonly meanSquaredError: number; readonly peakSignalToNoise: number }[];
    expect(rows).toHaveLength(2);
    for (const { meanSquaredError, peakSignalToNoise } of rows) {
      expect(peakSignalToNoise).toBeCloseTo(-10 * Math.log10(meanSquaredError), 10);
    }
    // A pair of 8×8 pictures, each eight times as large, with gaps of 6 around and 14 for its line of text, twice one above the other.
    expect(await sizesIn("pairs.png")).toEqual([1, 6 + 128 + 6, 6 + 2 * (64 + 6 + 14)]);
  });

  it("moves between pictures, along axes and between classes, and does it again", async () => {
    const [, , { words }] = await Promise.all([
      run("interpolate", "bars", one, other, "--frames", "5", "--out", "between.gif"),
      run("walk", "bars", "--axis", "2", "--seed", "4", "--frames", "5", "--out", "axis.png"),
      run("walk", "bars", "--from", "across", "--to", "down", "--picture", one, "--frames", "4"),
    ]);
    expect(await sizesIn("between.gif")).toEqual([8, 192, 192]); // 5 there, and the 3 between back again
    expect(await sizesIn("axis.png")).toEqual([1, 4 + 5 * 68, 72]);
    expect(words).toBe("from across to down, by the difference of their means in pictures, beginning at 1.png");
    expect(await sizesIn("bars-walk.gif")).toEqual([6, 192, 192]);
    // Of a path that leads elsewhere only the name is kept, and it is told to bring the picture.
    const [same, gone] = await Promise.all([
      run("reproduce", "axis.png"),
      atelier(["reproduce", "bars-walk.gif"], { home, cwd: folder }),
    ]);
    expect(same.equal).toBe(true);
    expect([gone.code, gone.stderr]).toEqual([
      1,
      expect.stringContaining("The picture 1.png that it was made of is not there"),
    ]);
    cpSync(one, path("1.png"));
    expect((await run("reproduce", "bars-walk.gif")).equal).toBe(true);
  });

  it("draws a map, and says which directions mean something", async () => {
    const [{ varianceShare }, { code, stdout }] = await Promise.all([
      run("latent-map", "bars", "--columns", "6", "--out", "map.webp"),
      atelier(["walk", "bars", "--attributes"], { home, cwd: folder }),
    ]);
    expect(await sizesIn("map.webp")).toEqual([1, 48, 48]);
    expect(varianceShare).toBeGreaterThan(2 / 3); // of three axes the best two
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^from +to +AUROC +95 % interval +accuracy +held-out pictures\nall others +(?:across|down) +[01]\.\d{3} /,
    );
  });

  it("finds the class that was left out, and where it is odd", async () => {
    const line = ["anomalies", "bars", "pictures", "--anomalous", "spot", "--count", "6", "--out", "odd.png"];
    const { data, ranked, measures } = (await run(...line)) as unknown as Found;
    expect(data).toBe("the pictures of pictures that bars did not learn from");
    expect(ranked).toHaveLength(60); // a quarter of 80 bars, and 40 spots
    expect(ranked.map(({ score }) => score)).toEqual(ranked.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(measures.map(({ name }) => name)).toEqual([
      "anomaly AUROC by likelihood",
      "anomaly AUROC by reconstruction",
    ]);
    for (const { value, low, high, samples, protocol, baseline } of measures) {
      expect(value).toBeGreaterThan(0.7);
      expect([value === 1 || low! < value, value === 1 || high! > value, samples]).toEqual([true, true, 60]);
      expect(protocol).toContain("40 anomalies (spot) and 20 ordinary pictures");
      expect(baseline!.name).toBe("distance to the nearest of 60 training pictures");
    }
    expect(await sizesIn("odd.png")).toEqual([1, 6 + 2 * 134, 6 + 3 * (64 + 6 + 14)]);
    expect((await run("reproduce", "odd.png")).equal).toBe(true);
  });
});

interface Found {
  readonly data: string;
  readonly ranked: readonly { readonly score: number }[];
  readonly measures: readonly Measure[];
}
