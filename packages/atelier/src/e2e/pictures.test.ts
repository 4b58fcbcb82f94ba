/**
 * Pictures of one's own, from files to a model, as real processes: a folder with classes and every kind of bad file, proposed and trained;
 * killed and resumed; evaluated, shown and exported.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { atelier, atelierJson, outcome, reached, startAtelier, workFolder } from "./atelier.test-helpers.js";

const folder = workFolder();
const pictures = join(folder, "shapes");
const home = join(folder, "home");
const small = [
  "--set",
  "codec.size=8",
  "--set",
  'model.network={"kind":"mlp","hidden":[24]}',
  "--set",
  "model.latent=4",
];

/** A disc or a square of some colour, at some place. */
const drawing = (shape: "disc" | "square", i: number): string => {
  const [x, y, red] = [8 + (i % 5), 8 + (i % 7), (40 * i) % 256];
  const fill = `fill="rgb(${red},90,160)"`;
  const body =
    shape === "disc"
      ? `<circle cx="${x}" cy="${y}" r="6" ${fill}/>`
      : `<rect x="${x - 5}" y="${y - 5}" width="10" height="10" ${fill}/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24">${body}</svg>`;
};

beforeAll(async () => {
  for (const shape of ["disc", "square"] as const) {
    mkdirSync(join(pictures, shape), { recursive: true });
    for (let i = 0; i < 40; i++) {
      const file = join(pictures, shape, `${i}.${i % 3 === 0 ? "svg" : i % 3 === 1 ? "png" : "webp"}`);
      const svg = Buffer.from(drawing(shape, i));
      writeFileSync(
        file,
        i % 3 === 0
          ? svg
          : await sharp(svg)
              .toFormat(i % 3 === 1 ? "png" : "webp", { lossless: true })
              .toBuffer(),
      );
    }
  }
  const good = readFileSync(join(pictures, "disc", "1.png"));
  writeFileSync(join(pictures, "disc", "truncated.png"), good.subarray(0, good.length - 30));
  writeFileSync(join(pictures, "disc", "no-picture.jpg"), "not a picture");
  writeFileSync(join(pictures, "square", "empty.png"), "");
  writeFileSync(join(pictures, "square", "bomb.png"), bomb(30_000, 30_000));
  writeFileSync(
    join(pictures, "square", "point.png"),
    await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } })
      .png()
      .toBuffer(),
  );
  mkdirSync(join(pictures, "triangle"));
  writeFileSync(join(pictures, "triangle", "caption-alone.txt"), "a triangle");
});

/** A PNG of which the header says that it is enormous; of its pixels there is but a beginning. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(3000))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

describe("a folder of pictures", () => {
  it("of which too few are held out is refused before anything is trained", async () => {
    const few = ["train", pictures, "--yes", "--name", "few", "--set", "validation=0.05", ...small];
    const { code, stderr } = await atelier(few, { home });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/4 held out.*cannot be compared/) });
    expect(stderr).toContain("--set validation=0.3");
    expect(existsSync(join(home, "runs", "few"))).toBe(false);
  });

  it("is looked at, proposed for, and trained on; what is broken is counted and named", async () => {
    const args = [
      "train",
      pictures,
      "--yes",
      "--name",
      "shapes",
      "--steps",
      "24",
      "--set",
      "evaluation.samples=64",
      ...small,
    ];
    const { code, stdout, stderr } = await atelier(args, { home });
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("80 pictures");
    expect(stdout).toContain("negative evidence lower bound");
    expect(stderr).toContain("skipped");
    const card = readFileSync(join(home, "models", "shapes", "README.md"), "utf8");
    expect(card).toContain("![samples, not chosen](samples.png)");
    for (const file of ["samples.png", "nearest.png", "reconstructions.png"]) {
      const { width } = await sharp(join(home, "models", "shapes", file)).metadata();
      expect(width).toBeGreaterThan(100);
    }
    const model = JSON.parse(readFileSync(join(home, "models", "shapes", "model.json"), "utf8")) as {
      dataset: { skipped: { file: string; reason: string }[]; classes: Record<string, number> };
    };
    const reasons = Object.fromEntries(model.dataset.skipped.map(({ file, reason }) => [file, reason]));
    expect(reasons["square/bomb.png"]).toContain("900000000 pixels");
    expect(reasons["square/empty.png"]).toContain("empty");
    expect(reasons["square/point.png"]).toContain("single pixel");
    expect(reasons["disc/truncated.png"]).toMatch(/broken|cut off/);
    expect(reasons["disc/no-picture.jpg"]).toMatch(/no picture|broken/);
  });

  it("is a model like any other: evaluated, shown, exported at half the size", async () => {
    const evaluated = await atelierJson(["evaluate", "shapes", "--samples", "64", "--sheets", join(folder, "sheets")], {
      home,
    });
    expect(evaluated).toMatchObject({ model: "shapes", score: { loss: expect.any(Number) } });
    expect(existsSync(join(folder, "sheets", "samples.png"))).toBe(true);
    expect(await atelierJson(["models", "show", "shapes"], { home })).toMatchObject({
      can: ["generate", "score", "encode", "decode"],
    });
    const copy = join(folder, "half");
    await atelierJson(["export", "shapes", "--format", "atelier", "--weights", "float16", "--out", copy], { home });
    expect(existsSync(join(copy, "samples.png"))).toBe(true);
    expect(await atelierJson(["evaluate", copy, "--samples", "64"], { home })).toMatchObject({ model: "half" });
  });

  it("asks for a family that pictures have", async () => {
    const { code, stderr } = await atelier(["generate", "shapes", "--prompt", "a disc"], { home });
    expect(code).not.toBe(0);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("a training on pictures", () => {
  const recipe = join(folder, "recipe.json");
  beforeAll(() => {
    const vq = {
      data: pictures,
      family: "vq",
      codec: { size: 8 },
      model: { codes: 12, width: 6, network: { kind: "convolutional", channels: [8, 8], blocks: 1 } },
      training: {
        steps: 48,
        batch: 8,
        repeat: 4,
        checkpointEvery: 8,
        evaluateEvery: 16,
        averageDecay: 0.9,
        augmentation: { flip: 0.5, shift: 1 },
      },
    };
    writeFileSync(recipe, JSON.stringify(vq));
  });

  it("that is killed goes on and ends in the same bits, codebook and all", async () => {
    const whole = join(folder, "whole");
    await atelierJson(["train", recipe, "--name", "one"], { home: whole });
    const killed = join(folder, "killed");
    const child = startAtelier(["train", recipe, "--name", "two"], { home: killed });
    await reached(killed, "two", 16, child);
    child.process.kill("SIGKILL");
    await child.finished;
    await atelierJson(["train", "--resume", "two"], { home: killed });
    const { metrics, ...rest } = outcome(killed, "two");
    expect({ metrics, ...rest }).toEqual(outcome(whole, "one"));
    // What the family tells of itself stands beside the loss: of so many codes, as many as come up.
    expect(metrics[0]).toMatchObject({ perplexity: expect.any(Number), commitment: expect.any(Number) });
  });
});
