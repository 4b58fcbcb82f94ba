/** A GAN through the program: trained on a folder, watched, drawn from, judged, exported, and made again by another process. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeTinyPictures } from "../pictures/tiny-pictures.test-helpers.js";
import { atelier, atelierJson, refused, workFolder } from "./atelier.test-helpers.js";

const folder = workFolder();
const here = { home: join(folder, "home"), cwd: folder };

it("is trained, watched, judged by what it draws, and reproduced; what it has not is refused", async () => {
  await writeTinyPictures(join(folder, "shapes"));
  const small = [
    'model.generator={"kind":"mlp","hidden":[32]}',
    'model.discriminator={"kind":"mlp","hidden":[32]}',
    "training.evaluateEvery=16",
    "evaluation.samples=64",
  ];
  const settings = ["--family", "gan", "--steps", "40", ...small.flatMap((one) => ["--set", one])];
  const trained = await atelier(["train", "shapes", "--name", "bars", "--yes", ...settings], here);
  expect(trained).toMatchObject({ code: 0 });
  expect(trained.stdout).toMatch(/step +16 +Fréchet distance [\d.]+; discriminator right of \d+ % of real and/);
  expect(trained.stdout).toContain("pixels drawn by themselves: Fréchet distance");
  const evaluated = await atelierJson(["evaluate", "bars"], here);
  expect(evaluated).toMatchObject({ score: { frechetDistance: expect.any(Number) } });

  const how = ["-n", "4", "--seed", "3", "--class", "down"];
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
  await refused(["generate", "bars", "--steps", "8"], here, { code: "INVALID_ARGUMENT", says: /steps/, hint: /./ });
  await refused(["anomalies", "bars", "shapes"], here, { code: "NOT_ABLE", says: /bars.*gan/, hint: /./ });
});
