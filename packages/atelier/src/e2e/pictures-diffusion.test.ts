/** A diffusion model through the program: trained on a folder, drawn from step by step, judged, and made again by another process. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeTinyPictures } from "../pictures/tiny-pictures.test-helpers.js";
import { atelier, atelierJson, refused, workFolder } from "./atelier.test-helpers.js";

const folder = workFolder();
const here = { home: join(folder, "home"), cwd: folder };

it("is trained, drawn from with a sampler of one's choice, and reproduced; what it has not is refused", async () => {
  await writeTinyPictures(join(folder, "shapes"));
  const small = [
    "model.backbone.channels=8",
    "model.backbone.multipliers=[1]",
    "evaluation.steps=4",
    "evaluation.samples=64",
  ];
  const settings = ["--family", "diffusion", "--steps", "40", ...small.flatMap((one) => ["--set", one])];
  const trained = await atelierJson(["train", "shapes", "--name", "bars", "--yes", ...settings], here);
  expect(trained).toMatchObject({ run: "bars" });
  const evaluated = await atelierJson(["evaluate", "bars"], here);
  expect(JSON.stringify(evaluated)).toContain("64 samples (sampler dpmpp_2m, 4 steps)");

  const how = ["--sampler", "dpmpp_2s_ancestral", "--steps", "3", "--guidance", "1.5", "--class", "down"];
  expect(
    await atelierJson(["generate", "bars", "-n", "4", "--seed", "3", ...how, "--out", "four.png"], here),
  ).toMatchObject({
    seed: 3,
    files: [{ path: "four.png", provenance: { request: { sampler: "dpmpp_2s_ancestral", steps: 3, guidance: 1.5 } } }],
  });
  expect(await atelier(["reproduce", "four.png"], here)).toMatchObject({
    code: 0,
    stdout: "The same, pixel for pixel: made with bars from seed 3.\n",
  });
  await refused(["generate", "bars", "--sampler", "dpmpp"], here, {
    code: "INVALID_ARGUMENT",
    says: /no sampler "dpmpp"/,
    hint: /dpmpp_2m/,
  });
});
