/** Pictures made larger: beside what the model's tool makes of the same numbers, and made again from the file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePicture, type Picture, readPicture } from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { emit } from "../../output/emit.js";
import { reproduce } from "../../output/reproduce.js";
import { tinyPicture, tinyUpscaler, tinyVae } from "../../pictures/tiny-pictures.test-helpers.js";
import { load, type Model } from "../model.js";
import { testHome } from "../tiny-models.test-helpers.js";
import { upscale } from "./upscale.js";

const home = testHome();
const files = join(home, "files");
const file = (name: string): string => join(files, name);
let doubling: Model;
beforeAll(async () => {
  mkdirSync(files);
  writeFileSync(file("bars.png"), await encodePicture(tinyPicture("across", 99), "png"));
  writeFileSync(file("wide.png"), await encodePicture(noise(11, 5), "png"));
  writeFileSync(file("broken.png"), "no picture");
  await tinyUpscaler({ home, steps: 30 });
  await tinyUpscaler({ home, name: "quadrupling", factor: 4, steps: 2 });
  await tinyVae({ home, steps: 2 });
  doubling = await load("upscaler", { home, threads: 1 });
  return () => doubling.release();
});

function noise(width: number, height: number): Picture {
  const data = new Uint8Array(width * height);
  RandomKey.fromSeed(width)
    .bits(new Uint32Array(data.length))
    .forEach((word, i) => {
      data[i] = word >>> 24;
    });
  return { width, height, channels: 1, data };
}

/** What the model's tool makes of levels. */
async function byHand(levels: ArrayLike<number>, width: number, height: number): Promise<number[]> {
  const values = Float32Array.from(levels, (level) => level / 127.5 - 1);
  const large = await doubling.pictureTool("upscaler").enlarge(values, { height, width });
  return Array.from(large, (value) => Math.round((value + 1) * 127.5));
}

const opened = async (name: string, use: (model: Model) => Promise<unknown>): Promise<void> => {
  const model = await load(name, { home, threads: 1 });
  await use(model).finally(() => model.release());
};

describe("upscale", () => {
  it("enlarges each picture from its own size, and names what it cannot read", async () => {
    const names = ["bars.png", "broken.png", "wide.png"];
    const { rows, factor, skipped } = await upscale(doubling, names.map(file));
    expect(factor).toBe(2);
    expect(skipped).toEqual([{ file: "broken.png", reason: "is no picture of a known format" }]);
    expect(rows.map(({ name }) => name)).toEqual(["bars.png", "wide.png"]);
    const [bars, wide] = rows;
    expect(bars!.picture).toEqual(tinyPicture("across", 99));
    expect([wide!.enlarged.width, wide!.enlarged.height, wide!.enlarged.channels]).toEqual([22, 10, 1]);
    expect([...wide!.enlarged.data]).toEqual(await byHand(noise(11, 5).data, 11, 5));
    expect([...bars!.enlarged.data]).toEqual(await byHand(tinyPicture("across", 99).data, 8, 8));
  });

  it("by four is by two, twice", async () => {
    const { rows } = await upscale(doubling, file("wide.png"), { factor: 4 });
    const { enlarged } = rows[0]!;
    expect([enlarged.width, enlarged.height]).toEqual([44, 20]);
    expect([...enlarged.data]).toEqual(await byHand(await byHand(noise(11, 5).data, 11, 5), 22, 10));
  });

  it("by four at once, of a model that has learnt that", () =>
    opened("quadrupling", async (model) => {
      const { rows } = await upscale(model, file("wide.png"));
      expect([rows[0]!.enlarged.width, rows[0]!.enlarged.height]).toEqual([44, 20]);
    }));

  it("puts what is transparent on the codec's background, and turns a picture as it says of itself", async () => {
    const clear = { create: { width: 6, height: 4, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } } } as const;
    writeFileSync(file("clear.png"), await sharp(clear).png().toBuffer());
    const { data } = noise(6, 4);
    const turned = sharp(data, { raw: { width: 6, height: 4, channels: 1 } }).withMetadata({ orientation: 6 });
    writeFileSync(file("turned.png"), await turned.png().toBuffer());
    const { rows } = await upscale(doubling, [file("clear.png"), file("turned.png")]);
    expect([...rows[0]!.picture.data]).toEqual(new Array(24).fill(255));
    expect([rows[1]!.enlarged.width, rows[1]!.enlarged.height]).toEqual([8, 12]);
    // Turned to the right: the first row from above is the first column from below.
    expect([...rows[1]!.picture.data].slice(0, 4)).toEqual([3, 2, 1, 0].map((y) => data[6 * y]));
  });

  it("makes the same picture again from its file", async () => {
    const { rows } = await upscale(doubling, [file("wide.png")], { factor: 4 });
    const { enlarged, provenance } = rows[0]!;
    expect(provenance.request).toMatchObject({ task: "upscale", factor: 4, picture: { name: "wide.png" } });
    const path = file("large.png");
    await emit({ media: "picture", picture: enlarged }, provenance, { to: "file", path });
    const [back] = (await readPicture(await sharp(path).png().toBuffer())).frames;
    expect([back!.width, back!.height]).toEqual([44, 20]);
    expect(await reproduce(path, { home })).toMatchObject({ equal: true, edited: false });
    writeFileSync(file("wide.png"), await encodePicture(noise(5, 11), "png"));
    await expect(reproduce(path, { home })).rejects.toMatchObject({ code: "INPUT_GONE" });
    writeFileSync(file("wide.png"), await encodePicture(noise(11, 5), "png"));
  });
});

describe("upscale refuses", () => {
  it("a model that cannot", () =>
    opened("vae", (model) =>
      expect(upscale(model, file("nowhere.png"))).rejects.toMatchObject({
        code: "NOT_ABLE",
        message: "The model vae cannot make pictures larger: it is a vae",
      }),
    ));

  it.each([
    ["upscaler", 3, "makes pictures 2 times as wide and high, and 3 was asked for"],
    ["upscaler", 8, "makes pictures 2 times as wide and high, and 8 was asked for"],
    ["quadrupling", 2, "makes pictures 4 times as wide and high, and 2 was asked for"],
  ])("of %s, a factor of %d", (name, factor, message) =>
    opened(name, (model) => expect(upscale(model, file("bars.png"), { factor })).rejects.toThrow(message)),
  );

  it("what would come out too large, before anything is made", async () => {
    writeFileSync(file("long.png"), await encodePicture(noise(2049, 1), "png"));
    await expect(upscale(doubling, [file("bars.png"), file("long.png")])).rejects.toThrow(
      "long.png would come out at 4098×2 pixels: at most 4096 a side can be made",
    );
  });

  it("files of which none is a picture", () =>
    expect(upscale(doubling, file("broken.png"))).rejects.toMatchObject({ code: "NO_PICTURES" }));
});
