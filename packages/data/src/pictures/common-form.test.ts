import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { commonForm } from "./common-form.js";
import type { PictureRecord } from "./picture-dataset.js";

const png = (width: number, height: number, grey: boolean): Promise<Uint8Array> => {
  const image = sharp({ create: { width, height, channels: 3, background: "#808080" } });
  return (grey ? image.toColourspace("b-w") : image).png().toBuffer();
};
const record = (name: string, read: PictureRecord["read"]): PictureRecord => ({ name, read });

describe("commonForm", () => {
  it("is the size that all pictures have, grey where all are", async () => {
    const records = [1, 2, 3].map((i) => record(`${i}.png`, () => png(28, 20, true)));
    expect(await commonForm(records)).toEqual({ size: [28, 20], channels: 1 });
    expect(await commonForm([...records, record("4.png", () => png(28, 20, false))])).toEqual({
      size: [28, 20],
      channels: 3,
    });
  });

  it("has no size where they differ, and passes over what is no picture", async () => {
    const broken = record("broken.png", async () => Uint8Array.of(1, 2, 3));
    const decoded = record("raw", async () => ({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) }));
    expect(await commonForm([broken, record("a.png", () => png(8, 8, true)), decoded])).toEqual({
      size: undefined,
      channels: 1,
    });
    await expect(commonForm([broken])).rejects.toThrow(
      "None of the 1 files that were looked at can be read as a picture: broken.png",
    );
  });
});
