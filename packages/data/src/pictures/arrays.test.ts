import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPictures } from "./open.js";
import { fill } from "./pictures.test-helpers.js";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "atelier-arrays-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const folder = (name: string, files: Readonly<Record<string, string | Uint8Array>>) => fill(join(root, name), files);
const open = (path: string) => openPictures(path, { home: root });

/** An IDX file, byte by byte as its format's description has it. */
const idx = (sizes: readonly number[], data: readonly number[]): Uint8Array =>
  Uint8Array.from([0, 0, 8, sizes.length, ...sizes.flatMap((size) => [0, 0, size >> 8, size & 255]), ...data]);

describe("IDX files", () => {
  const images = idx([2, 1, 3], [1, 2, 3, 4, 5, 6]);
  const labels = idx([2], [7, 0]);

  it("are pictures with the labels of the file beside them, and the two parts that MNIST has", async () => {
    const path = await folder("mnist", {
      "train-images-idx3-ubyte.gz": gzipSync(images),
      "train-labels-idx1-ubyte.gz": gzipSync(labels),
      "t10k-images-idx3-ubyte": idx([1, 1, 3], [9, 9, 9]),
      "t10k-labels-idx1-ubyte": idx([1], [3]),
    });
    const { records, card } = await open(path);
    expect(records.map(({ name, label, split }) => [name, label, split])).toEqual([
      ["t10k-images-idx3-ubyte:1", "3", "test"],
      ["train-images-idx3-ubyte:1", "7", "train"],
      ["train-images-idx3-ubyte:2", "0", "train"],
    ]);
    expect(await records[2]!.read()).toEqual({ width: 3, height: 1, channels: 1, data: Uint8Array.of(4, 5, 6) });
    expect(card).toMatchObject({ pictures: 3, bytes: 9, classes: { "0": 1, "3": 1, "7": 1 } });
  });

  it("may be one file, without labels, of colour pictures", async () => {
    const path = await folder("single", { "colours.idx4-ubyte": idx([1, 2, 1, 3], [1, 2, 3, 4, 5, 6]) });
    const { records } = await open(join(path, "colours.idx4-ubyte"));
    expect(records.map(({ label, split }) => [label, split])).toEqual([[undefined, undefined]]);
    expect(await records[0]!.read()).toEqual({
      width: 1,
      height: 2,
      channels: 3,
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it.each([
    ["cut off", { "a-images-idx3-ubyte": images.subarray(0, 20) }, /has 4 bytes of data, not 2×1×3 = 6/],
    [
      "of another type",
      { "a-images-idx3-ubyte": Uint8Array.from(images).fill(13, 2, 3) },
      /no IDX file of unsigned bytes/,
    ],
    ["empty", { "a-images-idx3-ubyte": new Uint8Array(0) }, /no IDX file/],
    ["no pictures", { "a-images-idx3-ubyte": labels }, /sizes 2, which are no pictures/],
    [
      "with another file's labels",
      { "a-images-idx3-ubyte": images, "a-labels-idx1-ubyte": idx([1], [0]) },
      /has 1 labels for 2 pictures/,
    ],
    ["broken gzip", { "a-images-idx3-ubyte.gz": gzipSync(images).subarray(0, 15) }, /not a whole gzip file/],
  ])("%s are refused", async (name, files: Record<string, Uint8Array>, message) => {
    await expect(open(await folder(`bad ${name}`, files))).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringMatching(message),
    });
  });
});

describe("CIFAR files", () => {
  /** A picture of one colour: its planes. */
  const planes = (...colour: number[]) => colour.flatMap((value) => new Array<number>(1024).fill(value));

  it("of CIFAR-10 have named classes and two parts", async () => {
    const path = await folder("cifar-10", {
      "data_batch_1.bin": Uint8Array.from([1, ...planes(10, 20, 30), 0, ...planes(1, 2, 3)]),
      "test_batch.bin": Uint8Array.from([1, ...planes(4, 5, 6)]),
      "batches.meta.txt": "airplane\nautomobile\n\n",
    });
    const { records } = await open(path);
    expect(records.map(({ name, label, split }) => [name, label, split])).toEqual([
      ["data_batch_1.bin:1", "automobile", "train"],
      ["data_batch_1.bin:2", "airplane", "train"],
      ["test_batch.bin:1", "automobile", "test"],
    ]);
    const picture = await records[0]!.read();
    expect(picture).toMatchObject({ width: 32, height: 32, channels: 3 });
    expect("data" in picture && [...picture.data.subarray(0, 6)]).toEqual([10, 20, 30, 10, 20, 30]);
  });

  it("of CIFAR-100 have a coarse and a fine label, of which the fine one counts", async () => {
    const file = Uint8Array.from([4, 30, ...planes(7, 8, 9)]);
    const { records } = await open(join(await folder("cifar-100", { "train.bin": file }), "train.bin"));
    expect(records.map(({ label, split }) => [label, split])).toEqual([["30", undefined]]);
    const picture = await records[0]!.read();
    expect("data" in picture && picture.data[3071]).toBe(9);
  });

  it("cut off, or with a class that has no name, are refused", async () => {
    const whole = Uint8Array.from([2, ...planes(1, 2, 3)]);
    await expect(open(await folder("cut", { "test_batch.bin": whole.subarray(1) }))).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringContaining("3072 bytes, no whole number"),
    });
    const names = await folder("unnamed", { "test_batch.bin": whole, "batches.meta.txt": "one\ntwo\n" });
    await expect(open(names)).rejects.toThrow(/class 2, but batches.meta.txt names 2 classes/);
  });
});
