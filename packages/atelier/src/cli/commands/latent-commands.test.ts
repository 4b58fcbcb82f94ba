/** Commands on trained picture models beside drawing, as command lines: what they print, and refuse before anything is computed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { saveTiny, testHome } from "../../library/tiny-models.test-helpers.js";
import { tinyVae } from "../../pictures/tiny-pictures.test-helpers.js";
import { type Ended, inProcess } from "./in-process.test-helpers.js";

const home = testHome();
const path = (name: string): string => join(home, name);
beforeAll(async () => {
  await tinyVae({ home, steps: 5, classes: true });
  await saveTiny(home, "writer");
});

const atelier = (...args: string[]): Promise<Ended> => inProcess([...args, "--threads", "1"], { home });

describe("commands on trained picture models", () => {
  it.each([
    ["interpolate vae one.png", "an interpolation goes between two pictures, and 1 were given"],
    ["interpolate vae --seeds 3", "--seeds takes two whole numbers, got 3"],
    ["interpolate vae --seeds 3 x.png", "--seeds takes two whole numbers, got 3 x.png"],
    ["interpolate vae --seeds 3 7 --out x.mp4", "A picture cannot be written as .mp4: x.mp4"],
    ["interpolate vae --seeds 3 7 --frames 1", "expected a whole number from 2 to 1000"],
    ["walk vae", "a walk goes along an axis, or towards a class"],
    ["walk vae --axis 1 --to spot", "a walk goes along an axis, or towards a class"],
    ["walk vae --axis 1 --seed 3 --picture x.png", "--picture and --seed exclude each other"],
    ["walk vae --attributes --axis 1", "--attributes lists directions between classes"],
    ["reconstruct vae", "there is no picture"],
    ["latent-map vae --out map", "A picture cannot be written as a file without an ending"],
    ["anomalies vae x --score distance", "expected one of"],
  ])("refuses %s", async (line, message) => {
    const { code, stderr } = await atelier(...line.split(" "));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it.each([
    ["interpolate writer --seeds 3 7", "writer"],
    ["reconstruct vae nowhere.png", "nowhere.png"],
    ["interpolate vae --seeds 3 7 --class spott", "spott"],
    ["walk vae --axis 9", "There is no axis 9"],
  ])("fails plainly at %s", async (line, message) => {
    const { code, stderr } = await atelier(
      ...line.split(" "),
      ...(line.startsWith("recon") ? [] : ["--out", path("none.gif")]),
    );
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("unexpected");
    expect(existsSync(path("none.gif"))).toBe(false);
  });

  it("takes two seeds as one option or as two words, of a class too", async () => {
    for (const seeds of [["3", "7"], ["3,7"], ["3 7"]]) {
      const out = path("between.png");
      const line = ["interpolate", "vae", "--seeds", ...seeds, "--frames", "3", "--class", "spot", "--out", out];
      const { code, stdout } = await atelier(...line, "--json");
      expect(code).toBe(0);
      const words = "from seed 3 to seed 7, spherically through latent space";
      expect(JSON.parse(stdout)).toEqual({ model: "vae", frames: 3, words, out });
    }
  });
});
