/** Pictures through the program: generated into files and folders, made again by another process, and looked after by nobody. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPicture } from "@atelier/data";
import { beforeAll, expect, it } from "vitest";
import { tinyVae } from "../pictures/tiny-pictures.test-helpers.js";
import { atelier, atelierJson, refused, workFolder } from "./atelier.test-helpers.js";

const folder = workFolder();
const home = join(folder, "home");
const here = { home, cwd: folder };

beforeAll(async () => {
  await tinyVae({ home, name: "shapes", classes: true });
});

it("without --out a picture goes into the current folder, named after model and seed, and reproduce makes it again", async () => {
  const { code, stdout, stderr } = await atelier(["generate", "shapes", "-n", "4", "--seed", "11"], here);
  expect([code, stdout, stderr]).toEqual([0, "shapes-11.png, which holds what made it\n", ""]);
  expect(existsSync(join(folder, "shapes-11.png.provenance.json"))).toBe(false);
  const { frames, xmp } = await readPicture(readFileSync(join(folder, "shapes-11.png")));
  expect([frames[0]!.width, frames[0]!.height]).toEqual([28, 28]);
  expect(xmp).toContain("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia");
  expect(await atelierJson(["reproduce", "shapes-11.png"], here)).toMatchObject({
    equal: true,
    model: "shapes",
    changed: [],
    provenance: { request: { task: "generate-pictures", samples: 4 }, output: { shown: { columns: 2, scale: 1 } } },
  });
});

it("a folder gets a file each; JSON names them, the seed and what made them", async () => {
  const args = ["generate", "shapes", "-n", "10", "--class", "down", "--out", "many/"];
  const { seed, files } = await atelierJson(args, here);
  expect(readdirSync(join(folder, "many"))).toEqual([
    "01.png",
    "02.png",
    "03.png",
    "04.png",
    "05.png",
    "06.png",
    "07.png",
    "08.png",
    "09.png",
    "10.png",
  ]);
  expect(files).toEqual(
    readdirSync(join(folder, "many")).map((name, place) => ({
      path: join("many", name),
      provenance: expect.objectContaining({ seed, output: expect.objectContaining({ shown: { place } }) }),
    })),
  );
  const again = await atelier(["reproduce", "many/10.png"], here);
  expect(again).toMatchObject({ code: 0, stdout: `The same, pixel for pixel: made with shapes from seed ${seed}.\n` });
});

it("refuses what does not go together, before anything is made", async () => {
  await refused(["generate", "shapes", "--prompt", "a"], here, {
    code: "INVALID_ARGUMENT",
    says: /shapes cannot be asked in words: it learnt from pictures without captions/,
    hint: /--class/,
  });
  await refused(["generate", "shapes", "--tokens", "9"], here, {
    code: "USAGE",
    says: /--tokens has no meaning here: shapes makes pictures \(vae\)/,
    exit: 2,
  });
  await refused(["fill", "shapes", "a<blank>"], here, {
    code: "NOT_ABLE",
    says: /shapes cannot fill gaps: it is a vae/,
  });
  await refused(["reproduce", "shapes-11.png", "--model", "none"], here, {
    code: "NOT_FOUND",
    says: /no model "none"/,
  });
});
