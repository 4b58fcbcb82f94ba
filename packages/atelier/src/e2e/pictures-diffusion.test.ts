/** A diffusion model through the program: trained on a folder, drawn from step by step, judged, and made again by another process. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPicture } from "@atelier/data";
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
  // Prompts of one's own are drawn too, shown over the nearest training pictures, and recorded with the card.
  writeFileSync(join(folder, "prompts.txt"), "upright line\nround spot\na bar\n");
  const evaluated = await atelier(["evaluate", "bars", "--prompt-file", "prompts.txt", "--record"], here);
  expect(evaluated).toMatchObject({ code: 0, stderr: expect.stringContaining('does not know "a"; the rest') });
  const model = join(here.home, "models", "bars");
  const card = readFileSync(join(model, "README.md"), "utf8");
  for (const sheet of ["samples", "nearest", "prompts"]) expect(card).toContain(`](${sheet}.png)`);
  expect(card).toMatch(/nearest to it: upright line, round spot, a bar\*\*/);
  expect(card.match(/^## Samples$/gm)).toHaveLength(1);
  expect(readFileSync(join(model, "evidence.json"), "utf8")).toContain("64 samples (sampler dpmpp_2m, 4 steps");
  // Two rows of eight places, each picture eight times enlarged, with gaps of 4.
  const [sheet] = (await readPicture(readFileSync(join(model, "prompts.png")))).frames;
  expect([sheet!.width, sheet!.height]).toEqual([8 * 68 + 4, 2 * 68 + 4]);

  const how = ["--sampler", "dpmpp_2s_ancestral", "--steps", "3", "--guidance", "1.5", "--prompt", "upright line"];
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
  const judged = await atelier(
    ["evaluate", "bars", "--samples", "64", "--sampler", "ddim", "--steps", "3", "--json"],
    here,
  );
  expect(judged.stdout).toContain("64 samples (sampler ddim, 3 steps");
  await refused(["evaluate", "bars", "--steps", "3", "--record"], here, {
    code: "USAGE",
    says: /--record is for pictures drawn as the model's recipe says: with --steps/,
    hint: /leave one of them out/,
    exit: 2,
    json: false,
  });
  await refused(["generate", "bars", "--sampler", "dpmpp"], here, {
    code: "INVALID_ARGUMENT",
    says: /no sampler "dpmpp"/,
    hint: /dpmpp_2m/,
  });
});
