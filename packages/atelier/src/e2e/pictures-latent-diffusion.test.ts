/** Latent diffusion through the program: a vq is trained on a folder, a diffusion model over it by a recipe; what that draws is made again. */
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeTinyPictures } from "../pictures/tiny-pictures.test-helpers.js";
import { atelier, atelierJson, refused, workFolder } from "./atelier.test-helpers.js";

const folder = workFolder();
const home = join(folder, "home");
const here = { home, cwd: folder };
const recipe = {
  data: "shapes",
  family: "diffusion",
  model: { latents: "codes", backbone: { kind: "unet", channels: 8, multipliers: [1] }, classes: 0.1 },
  training: { steps: 40, batch: 16, evaluateEvery: 40, averageDecay: 0.9 },
  evaluation: { steps: 4, samples: 64 },
};

it("is trained in the latent space of a vq, drawn from, judged, exported, and reproduced without the vq", async () => {
  await writeTinyPictures(join(folder, "shapes"));
  writeFileSync(join(folder, "latent.json"), JSON.stringify(recipe));
  await refused(["train", "latent.json"], here, { code: "NOT_FOUND", says: /codes/ });

  const network = 'model.network={"kind":"convolutional","channels":[8,16],"blocks":1}';
  const small = ["--steps", "40", "--set", "model.codes=16", "--set", "model.width=8", "--set", network];
  await atelierJson(["train", "shapes", "--name", "codes", "--family", "vq", "--yes", ...small], here);
  const trained = await atelier(["train", "latent.json", "--name", "bars"], here);
  expect(trained).toMatchObject({ code: 0 });
  expect(trained.stdout).toMatch(/latents of 8×2×2, of the vq codes/);
  expect(trained.stdout).toContain("latents denoised by themselves");
  expect(existsSync(join(home, "models", "bars", "samples.png"))).toBe(true);
  rmSync(join(home, "models", "codes"), { recursive: true });

  const evaluated = await atelierJson(["evaluate", "bars"], here);
  expect(JSON.stringify(evaluated)).toContain("64 samples (sampler dpmpp_2m, 4 steps)");
  const how = ["-n", "4", "--seed", "3", "--class", "down", "--guidance", "1.5"];
  expect(await atelierJson(["generate", "bars", ...how, "--out", "four.png"], here)).toMatchObject({
    seed: 3,
    files: [{ path: "four.png" }],
  });
  expect(await atelier(["reproduce", "four.png"], here)).toMatchObject({
    code: 0,
    stdout: "The same, pixel for pixel: made with bars from seed 3.\n",
  });
  await atelierJson(["export", "bars", "--format", "onnx", "--out", "bars.onnx"], here);
  expect(statSync(join(folder, "bars.onnx")).size).toBeGreaterThan(1000);
  await refused(["edit", "mix", "bars", "--class", "down", "--class", "spot"], here, {
    code: "NOT_ABLE",
    says: /bars cannot edit pictures/,
    hint: /generate pictures/,
  });
});
