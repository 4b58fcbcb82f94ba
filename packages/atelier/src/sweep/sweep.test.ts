/** What a sweep refuses before anything is written; how one goes is in `e2e/sweep.test.ts`. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sweep } from "./sweep.js";

const root = mkdtempSync(join(tmpdir(), "atelier-sweep-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const recipe = { data: "text.txt", training: { steps: 8 } };
const width = "model.width=16,32";

describe("sweep", () => {
  it.each([
    [{ over: [] }, /needs something to vary/],
    [{ over: [width, "model.width=64,128"] }, /model\.width is varied twice/],
    [{ over: ["validation=0.1,0.2"] }, /validation cannot be varied/],
    [{ over: [width], trials: 0 }, /trials must be a whole number from 1 up, got 0/],
    [{ over: [width], eta: 1.5 }, /eta must be a whole number from 2 up/],
    [{ over: ["model.layers=1..30"], method: "halving", trials: 30 }, /8 steps are too few/],
  ] as const)("refuses %j", async (options, message) => {
    const home = join(root, "nothing");
    await expect(sweep(recipe, { ...options, home })).rejects.toMatchObject({
      code: "BAD_SWEEP",
      message: expect.stringMatching(message),
    });
    expect(existsSync(home)).toBe(false);
  });

  it("tells a mistake in the recipe as such, and settings that no trial can have", async () => {
    const home = join(root, "mistaken");
    const refusal = (base: Record<string, unknown>, over: string) => sweep(base, { over: [over], home });
    await expect(refusal({ ...recipe, sede: 1 }, width)).rejects.toMatchObject({
      code: "BAD_RECIPE",
      message: expect.stringMatching(/sede/),
    });
    await expect(refusal(recipe, "model.preset=antique,baroque")).rejects.toMatchObject({
      code: "BAD_RECIPE",
      message: expect.stringMatching(/model\.preset/),
    });
    expect(existsSync(home)).toBe(false);
  });

  it("takes no name that a run or model of somebody else's has", async () => {
    const home = join(root, "taken");
    mkdirSync(join(home, "models", "mine-02"), { recursive: true });
    await expect(sweep(recipe, { over: [width], home, name: "mine" })).rejects.toMatchObject({
      code: "RUN_EXISTS",
      message: expect.stringMatching(/already a model "mine-02"/),
    });
    expect(existsSync(join(home, "sweeps", "mine"))).toBe(false);
  });
});
