/** What k-diffusion sampled is sampled again, and files that hold no such thing are refused in words. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { karrasSigmas } from "@atelier/models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followSamplers, passes } from "./samplers-fixture.js";

// Two of the rows of a longer file, made by k-diffusion in float64.
const small = fileURLToPath(new URL("./fixtures/diffusion-samplers.json", import.meta.url));
const whole = fileURLToPath(new URL("../../../../../shared/fixtures/diffusion-samplers.json", import.meta.url));

describe("followSamplers", () => {
  it.each([small, whole].filter((file) => existsSync(file)))("ends where k-diffusion does: %s", async (file) => {
    const matches = await followSamplers(file);
    const { outputs, schedule } = JSON.parse(await readFile(file, "utf8"));
    expect(matches.map(({ name }) => name)).toEqual(Object.keys(outputs));
    expect(matches.length).toBe(8);
    for (const match of matches) {
      expect(match.difference).toBeLessThan(1e-12);
      expect(passes(match)).toBe(true);
    }
    const { n, sigma_min: min, sigma_max: max, rho } = schedule;
    karrasSigmas(n, { min, max, rho }).forEach((sigma, i) => {
      expect(sigma).toBeCloseTo(schedule.sigmas[i], 12);
    });
  });

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-samplers-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const followed = async (content: unknown) => {
    const path = join(folder, "file.json");
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return followSamplers(path);
  };
  /** One point at 2: whatever the start, Euler ends there. */
  const point = {
    denoiser: { means: [[2, 2]], component_std: 0 },
    schedule: { sigmas: [3, 1, 0] },
    x: [[5, -1]],
    outputs: { sample_euler: [[2, 2]] },
  };

  it("takes weights as they are, a deviation for each component, and a schedule by its settings", async () => {
    expect(await followed(point)).toEqual([{ name: "sample_euler", difference: 0 }]);
    const { schedule, ...rest } = JSON.parse(await readFile(small, "utf8"));
    const { sigmas, ...settings } = schedule;
    const denoiser = { ...rest.denoiser, component_std: [0.3, 0.3, 0.3], weights: [2, 2, 2] };
    for (const match of await followed({ ...rest, denoiser, schedule: settings })) expect(passes(match)).toBe(true);
    const uneven = await followed({ ...rest, schedule, denoiser: { ...denoiser, weights: [1, 1, 9] } });
    expect(uneven.some(passes)).toBe(false);
    expect(sigmas.length).toBe(9);
  });

  it("notices a result that differs by more than the bar", async () => {
    const stray = async (by: number) => (await followed({ ...point, outputs: { sample_lms: [[2, 2 + by]] } }))[0]!;
    expect(passes(await stray(9e-6))).toBe(true);
    expect(passes(await stray(-1.1e-5))).toBe(false);
    expect(passes({ name: "sample_lms", difference: Number.NaN })).toBe(false);
  });

  it.each([
    ["no JSON", "[1, NaN]", "BAD_FORMAT", "it is not JSON"],
    ["a number too large", JSON.stringify(point).replace("-1", "1e999"), "BAD_FORMAT", "x.0.1"],
    ["no denoiser", { ...point, denoiser: undefined }, "BAD_FORMAT", "denoiser"],
    ["no schedule", { ...point, schedule: { kind: "cosine" } }, "BAD_FORMAT", "schedule: neither `sigmas`"],
    ["no results", { ...point, outputs: {} }, "BAD_FORMAT", "no sampler's result"],
    ["an unknown sampler", { ...point, outputs: { sample_magic: [[2, 2]] } }, "BAD_FORMAT", "sample_magic"],
    ["a start of another width", { ...point, x: [[1]] }, "BAD_FORMAT", "2 values each"],
    [
      "results of other rows",
      {
        ...point,
        outputs: {
          sample_euler: [
            [2, 2],
            [2, 2],
          ],
        },
      },
      "BAD_FORMAT",
      "outputs.sample_euler",
    ],
    ["noise of another shape", { ...point, noise_in_call_order: [[[1]]] }, "BAD_FORMAT", "noise_in_call_order.0"],
    [
      "too little noise",
      { ...point, outputs: { sample_euler_ancestral: [[2, 2]] } },
      "BAD_FORMAT",
      "noise for 0 calls",
    ],
    ["levels that rise", { ...point, schedule: { sigmas: [1, 3, 0] } }, "INVALID_ARGUMENT", "level 1 of 2 is 3"],
    [
      "a negative deviation",
      { ...point, denoiser: { ...point.denoiser, component_std: -1 } },
      "INVALID_ARGUMENT",
      "-1",
    ],
    ["ragged means", { ...point, denoiser: { means: [[2, 2], [1]], component_std: 0 } }, "INVALID_ARGUMENT", "rows"],
    [
      "too few weights",
      { ...point, denoiser: { ...point.denoiser, weights: [] } },
      "INVALID_ARGUMENT",
      "1 positive weights",
    ],
  ])("refuses %s", async (_, content, code, message) => {
    await expect(followed(content)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it("says that there is no such file", async () => {
    await expect(followSamplers(join(folder, "none.json"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
