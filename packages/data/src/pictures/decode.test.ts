import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { UnreadableFileError } from "../errors.js";
import { type DecodedPictures, decodePictures } from "./decode.js";
import { imageSettingsSchema } from "./image-settings.js";
import type { Picture } from "./picture.js";
import type { PictureRecord } from "./picture-dataset.js";
import { plain, png, ramp, raw } from "./pictures.test-helpers.js";

const record = (name: string, content: Uint8Array | Picture | Error): PictureRecord => ({
  name,
  read: async () => {
    if (content instanceof Error) throw content;
    return content;
  },
});

type Settings = Parameters<typeof imageSettingsSchema.parse>[0] & object;
const decode = (files: Readonly<Record<string, Uint8Array | Picture | Error>>, settings: Settings = {}) =>
  decodePictures(
    Object.entries(files).map(([name, content]) => record(name, content)),
    imageSettingsSchema.parse({ size: 4, ...settings }),
  );

const pixelOf = ({ set }: DecodedPictures, picture = 0, at = 0): number[] =>
  [...set.picture(picture).data].slice(at * set.channels, (at + 1) * set.channels);

/** A PNG of any size by its header (PNG specification, 5.2 to 5.6), with hardly any data. */
function hollowPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), 8 + data.length);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits; grey
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const data = deflateSync(Buffer.alloc(30_000));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

describe("pictures that cannot be used are named with the reason, and the rest is kept", async () => {
  const whole = await png(ramp(64, 64, 3));
  const jpeg = await raw(ramp(64, 64, 3))
    .jpeg()
    .toBuffer();
  const files = {
    "a.png": whole,
    "cut.png": whole.subarray(0, whole.length - 60),
    "header.png": whole.subarray(0, 20),
    "half.jpg": jpeg.subarray(0, jpeg.length >> 1),
    "half.svg": Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect wid'),
    "empty.png": new Uint8Array(0),
    "words.png": Buffer.from("not a picture"),
    "page.jpg": Buffer.from("<html><body>404</body></html>"),
    "bomb.png": hollowPng(30_000, 30_000),
    "dot.png": await png(ramp(1, 1, 3)),
    "closed.png": new UnreadableFileError("cannot be read: permission denied"),
    short: { width: 2, height: 2, channels: 1, data: new Uint8Array(3) } as const,
    "z.png": await png(plain(5, 5, 9)),
  };
  const decoded = await decode(files);

  it("keeps what is whole", () => {
    expect(decoded.set.names).toEqual(["a.png", "z.png"]);
    expect(pixelOf(decoded, 1)).toEqual([9, 9, 9]);
    expect([...decoded.set.originals]).toEqual([64, 64, 5, 5]);
    expect(decoded.set.length + decoded.skipped.length).toBe(Object.keys(files).length);
  });

  it.each([
    ["cut.png", /^is broken or cut off$/],
    ["header.png", /^has a broken header$/],
    ["half.jpg", /^is broken or cut off$/],
    ["half.svg", /^has a broken header$/],
    ["empty.png", /^is an empty file$/],
    ["words.png", /^is no picture of a known format$/],
    ["page.jpg", /^is no picture of a known format$/],
    ["bomb.png", /^has 30000×30000 = 900000000 pixels, more than 100000000$/],
    ["dot.png", /^has a single pixel$/],
    ["closed.png", /^cannot be read: permission denied$/],
    ["short", /has 3 bytes, but 2×2 with 1 channels takes 4/],
  ])("%s", (file, reason) => {
    expect(decoded.skipped.find((each) => each.file === file)?.reason).toMatch(reason);
  });

  it("is an error where nothing is left", async () => {
    const error = decode({ "empty.png": new Uint8Array(0), "words.png": Buffer.from("no") });
    await expect(error).rejects.toMatchObject({
      code: "NO_PICTURES",
      message: expect.stringContaining("empty.png: is an empty file; words.png: is no picture"),
    });
  });
});

describe("whatever a file has, it comes to 8 bits of the wanted channels", () => {
  it("16 bits, CMYK, palettes, grey with opacity, animations and wrong names are converted, and counted", async () => {
    const colour = plain(8, 8, 200, 100, 50);
    const cmyk = await raw(plain(8, 8, 190, 190, 190))
      .toColourspace("cmyk")
      .jpeg({ quality: 100 })
      .toBuffer();
    // Half transparent black on white is the middle grey.
    const veil = {
      create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0.5 } },
    } as const;
    const frames = [await png(plain(8, 8, 10, 20, 30)), await png(plain(8, 8, 200, 0, 0))];
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const decoded = await decode({
      "deep.png": await raw(colour).toColourspace("rgb16").png().toBuffer(),
      "grey16.png": await raw(plain(8, 8, 77))
        .toColourspace("grey16")
        .png()
        .toBuffer(),
      "cmyk.jpg": cmyk,
      "palette.png": await raw(colour).png({ palette: true }).toBuffer(),
      "veil.png": await sharp(veil).toColourspace("b-w").png().toBuffer(),
      "two.gif": gif,
      "really-png.jpg": await png(colour),
      "fine.avif": await raw(colour).avif({ lossless: true }).toBuffer(),
      "fine.tiff": await raw(colour).tiff().toBuffer(),
      "fine.webp": await raw(colour).webp({ lossless: true }).toBuffer(),
    });
    expect(decoded.skipped).toEqual([]);
    const exact = [200, 100, 50];
    expect(pixelOf(decoded, 0)).toEqual(exact);
    expect(pixelOf(decoded, 1)).toEqual([77, 77, 77]);
    pixelOf(decoded, 2).forEach((value) => {
      expect(Math.abs(value - 190)).toBeLessThan(16); // There and back through a print profile.
    });
    expect(pixelOf(decoded, 3)).toEqual(exact);
    pixelOf(decoded, 4).forEach((value) => {
      expect(Math.abs(value - 127.5)).toBeLessThanOrEqual(1);
    });
    expect(pixelOf(decoded, 5)).toEqual([10, 20, 30]);
    for (const picture of [6, 8, 9]) expect(pixelOf(decoded, picture)).toEqual(exact);
    expect(Object.fromEntries(decoded.notes.map(({ note, count }) => [note, count]))).toEqual({
      "more than 8 bits a channel, brought to 8": 2,
      "CMYK, converted to sRGB": 1,
      "animated: only the first frame is used": 1,
      "named .jpg, but is PNG": 1,
    });
  });

  it("turns pictures upright by their EXIF orientation", async () => {
    // Left half black, right half white; orientation 6 says: turn it clockwise, so that the left side is above.
    const data = Uint8Array.from({ length: 8 * 4 }, (_, i) => (i % 8 < 4 ? 0 : 255));
    const turned = await raw({ width: 8, height: 4, channels: 1, data })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const decoded = await decode({ "photo.png": turned }, { size: [4, 8], channels: 1, filter: "nearest" });
    expect([...decoded.set.picture(0).data]).toEqual([...new Array(16).fill(0), ...new Array(16).fill(255)]);
    expect([...decoded.set.originals]).toEqual([4, 8]);
    expect(decoded.notes).toEqual([{ note: "turned upright as its EXIF orientation says", count: 1 }]);
  });

  it("draws SVG at the size that is wanted, however large it calls itself", async () => {
    const svg = (size: string) =>
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2" ${size}><path d="M0 0h2v2H0z"/></svg>`);
    const decoded = await decode(
      { "none.svg": svg(""), "huge.svg": svg('width="40000" height="20000"'), "tiny.svg": svg('width="2" height="1"') },
      { channels: 1, background: "#ffffff" },
    );
    const half = [0, 0, 255, 255];
    const margin = [255, 255, 255, 255];
    expect(decoded.skipped).toEqual([]);
    for (const i of [0, 1, 2])
      expect([...decoded.set.picture(i).data]).toEqual([...margin, ...half, ...half, ...margin]);
  });
});

describe("another aspect", () => {
  const wide = plain(8, 4, 10, 20, 30);

  it.each([
    ["contain", [255, 0, 0]],
    ["cover", [10, 20, 30]],
    ["fill", [10, 20, 30]],
  ] as const)("%s", async (fit, corner) => {
    const decoded = await decode({ wide }, { fit, background: "#ff0000" });
    expect([pixelOf(decoded), pixelOf(decoded, 0, 5)]).toEqual([corner, [10, 20, 30]]);
  });

  it("keeps opacity where it is asked for: margins are transparent", async () => {
    const decoded = await decode({ wide: await png(wide) }, { channels: 4 });
    expect([pixelOf(decoded)[3], pixelOf(decoded, 0, 5)]).toEqual([0, [10, 20, 30, 255]]);
  });
});

it("makes a picture smaller by averaging, not by leaving pixels out", async () => {
  // Columns black, white, black, white: their mean is grey, whereas every second one alone is black.
  const data = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i % 2) * 255);
  const stripes = { width: 64, height: 64, channels: 1, data } as const;
  const averaged = await decode({ stripes }, { channels: 1, filter: "linear" });
  for (const value of averaged.set.picture(0).data) expect(Math.abs(value - 127.5)).toBeLessThan(2);
});

it("gives the same bytes each time, in the records' order, without touching pictures of the right size", async () => {
  const files: Record<string, Uint8Array | Picture> = {};
  for (let i = 0; i < 40; i++) files[`${i}.png`] = i % 3 === 0 ? ramp(4, 4, 3, i) : await png(ramp(5 + i, 9, 3, i));
  const [one, two] = [await decode(files), await decode(files)];
  expect(one.set.names).toEqual(Object.keys(files));
  expect(one.set.picture(0).data).toEqual(ramp(4, 4, 3, 0).data);
  expect(two.fingerprint).toBe(one.fingerprint);
  const others = await decode({ ...files, "0.png": ramp(4, 4, 3, 1) });
  expect(others.fingerprint).not.toBe(one.fingerprint);
});

it("stops when it is told to", async () => {
  const controller = new AbortController();
  const records = Array.from({ length: 100 }, (_, i) => record(`${i}`, ramp(9, 9, 3, i)));
  const decoding = decodePictures(records, imageSettingsSchema.parse({ size: 4 }), {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await expect(decoding).rejects.toThrow("enough");
});
