import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { animate, encodePicture } from "./encode.js";
import { plain, ramp } from "./pictures.test-helpers.js";

const decoded = async (bytes: Uint8Array) => {
  const { space } = await sharp(bytes).metadata();
  const image = sharp(bytes).toColourspace(space === "b-w" ? "b-w" : "srgb");
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data: new Uint8Array(data) };
};

describe("a picture file", () => {
  it.each([1, 3, 4] as const)("PNG brings a picture of %i channels back", async (channels) => {
    const picture = ramp(5, 3, channels);
    expect(await decoded(await encodePicture(picture))).toEqual(picture);
  });

  it.each([3, 4] as const)("WebP brings a picture of %i channels back", async (channels) => {
    const picture = ramp(5, 3, channels);
    expect(await decoded(await encodePicture(picture, "webp"))).toEqual(picture);
  });

  it("JPEG comes near", async () => {
    const { data, ...about } = await decoded(await encodePicture(plain(16, 16, 200, 100, 50), "jpeg"));
    expect(about).toEqual({ width: 16, height: 16, channels: 3 });
    [200, 100, 50].forEach((value, i) => {
      expect(Math.abs(data[i]! - value)).toBeLessThanOrEqual(2);
    });
  });

  it("is refused for data of another size", async () => {
    await expect(encodePicture({ ...ramp(5, 3, 1), width: 6 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("an animation", () => {
  const frames = [plain(4, 4, 255, 0, 0), plain(4, 4, 0, 255, 0), plain(4, 4, 0, 0, 255)];

  it.each(["gif", "webp"] as const)("%s shows every frame for its time", async (format) => {
    const bytes = await animate(frames, { format, delay: 80 });
    const about = await sharp(bytes, { animated: true }).metadata();
    expect([about.format, about.pages, about.delay, about.loop]).toEqual([format, 3, [80, 80, 80], 0]);
    const third = await decoded(await sharp(bytes, { page: 2 }).removeAlpha().png().toBuffer());
    expect([...third.data.subarray(0, 3)]).toEqual([0, 0, 255]);
  });

  it("is refused without frames, or with frames of several sizes", async () => {
    await expect(animate([])).rejects.toThrow(/no picture to animate/);
    await expect(animate([...frames, plain(4, 5, 0, 0, 0)])).rejects.toThrow("Frame 4 is 4×5×3, the first 4×4×3");
  });
});
