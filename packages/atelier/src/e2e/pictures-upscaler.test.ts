/** An upscaler through the program: trained on a folder, judged beside bicubic enlarging, used and reproduced; what cannot be is refused. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPicture } from "@atelier/data";
import { expect, it } from "vitest";
import { SIZE, writeTinyPictures } from "../pictures/tiny-pictures.test-helpers.js";
import { atelier, atelierJson, refused, workFolder } from "./atelier.test-helpers.js";

const folder = workFolder();
const here = { home: join(folder, "home"), cwd: folder };

it("is trained, judged and used; a size that has no half, and what it cannot do, are refused", async () => {
  await writeTinyPictures(join(folder, "shapes"));
  const small = ["model.channels=8", "model.blocks=1", "training.optimiser.learningRate=0.01"];
  const family = ["--family", "upscaler", "--yes"];
  const settings = [...family, "--steps", "80", ...small.flatMap((one) => ["--set", one])];
  expect(await atelierJson(["train", "shapes", "--name", "larger", ...settings], here)).toMatchObject({
    run: "larger",
  });
  expect(existsSync(join(here.home, "runs", "larger", "samples", "enlarged.png"))).toBe(true);
  const evaluated = JSON.stringify(await atelierJson(["evaluate", "larger"], here));
  expect(evaluated).toContain('"name":"PSNR","unit":"dB"');
  expect(evaluated).toContain("the mean of every 2×2 square, rounded to 256 levels");
  expect(evaluated).toContain('"baseline":{"name":"bicubic enlarging"');
  await atelierJson(["export", "larger", "--format", "onnx", "--out", "onnx"], here);
  expect(existsSync(join(folder, "onnx"))).toBe(true);

  const one = ["edit", "upscale", "larger", "shapes/spot/1.png", "--factor", "4", "--out", "large.png"];
  expect(await atelierJson(one, here)).toMatchObject({ factor: 4, files: [{ path: "large.png" }] });
  const [large] = (await readPicture(readFileSync(join(folder, "large.png")))).frames;
  expect([large!.width, large!.height]).toEqual([4 * SIZE, 4 * SIZE]);
  expect(await atelier(["reproduce", "large.png"], here)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^The same, pixel for pixel/),
  });

  await refused(["generate", "larger"], here, {
    code: "NOT_ABLE",
    says: /cannot generate pictures: it is an upscaler/,
    hint: /make pictures larger/,
  });
  await refused(["train", "shapes", "--name", "odd", ...family, "--set", "codec.size=7"], here, {
    code: "INVALID_ARGUMENT",
    says: /a picture of 7×7 has no small one of which it is 2 ×/,
    hint: /codec\.size/,
  });
});
