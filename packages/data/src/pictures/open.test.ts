import { chmod, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdsPictures } from "./locate.js";
import { openPictures } from "./open.js";
import type { PictureDataset } from "./picture-dataset.js";
import { fill, plain, png } from "./pictures.test-helpers.js";
import type { PictureSource } from "./source.js";

let root = "";
let dot: Uint8Array;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "atelier-pictures-"));
  dot = await png(plain(2, 2, 1, 2, 3));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const folder = (name: string, files: Readonly<Record<string, string | Uint8Array>>) => fill(join(root, name), files);
const open = (source: PictureSource) => openPictures(source, { home: root });
const rows = ({ records }: PictureDataset) =>
  records.map(({ name, label, caption, split }) => [name, label, caption, split]);
const none = undefined;

describe("a folder", () => {
  it("has its pictures in order, wherever they lie, and says what is left out", async () => {
    const path = await folder("plain", {
      "b.png": dot,
      "a.JPG": dot,
      "deep/er/c.webp": dot,
      "notes.txt": "words",
      "scan.bmp": "BM",
      ".hidden.png": dot,
      "node_modules/x.png": dot,
    });
    const dataset = await open(path);
    expect(rows(dataset)).toEqual([
      ["a.JPG", none, none, none],
      ["b.png", none, none, none],
      ["deep/er/c.webp", none, none, none],
    ]);
    expect(dataset.card).toMatchObject({
      name: "plain",
      origin: "the user's folder plain",
      licence: "not stated",
      pictures: 3,
      bytes: 3 * dot.length,
      captions: 0,
      skipped: [{ file: "scan.bmp", reason: ".bmp is not read: save it as PNG or JPEG" }],
    });
    expect(dataset.card.classes).toBeUndefined();
    expect(await dataset.records[0]!.read()).toEqual(Buffer.from(dot));
  });

  it("takes names of sub-folders for classes, and counts those that are empty", async () => {
    const path = await folder("classes", {
      "dog/1.png": dot,
      "cat/2.png": dot,
      "cat/old/3.png": dot,
      "bird/read.me": "",
    });
    await mkdir(join(path, "fish"));
    const { card, ...dataset } = await open(path);
    expect(dataset.records.map(({ name, label }) => [name, label])).toEqual([
      ["cat/2.png", "cat"],
      ["cat/old/3.png", "cat"],
      ["dog/1.png", "dog"],
    ]);
    expect(card.classes).toEqual({ cat: 2, dog: 1 });
    expect(card.skipped).toEqual([
      { file: "bird/", reason: "is a class without pictures" },
      { file: "fish/", reason: "is a class without pictures" },
    ]);
  });

  it("takes folders called train and test for that, with the classes inside", async () => {
    const path = await folder("split", { "train/cat/1.png": dot, "train/dog/2.png": dot, "val/cat/3.png": dot });
    await mkdir(join(path, "val/dog"));
    const dataset = await open(path);
    expect(rows(dataset)).toEqual([
      ["train/cat/1.png", "cat", none, "train"],
      ["train/dog/2.png", "dog", none, "train"],
      ["val/cat/3.png", "cat", none, "test"],
    ]);
    expect(dataset.card.skipped).toEqual([{ file: "val/dog/", reason: "is a class without pictures" }]);
  });

  it("reads captions beside pictures, and counts what has no counterpart", async () => {
    const dataset = await open(
      await folder("captions", {
        "a.png": dot,
        "a.txt": " a red dot\n",
        "b.png": dot,
        "c.txt": "where is it?",
        "d.png": dot,
        "d.txt": "",
        "e.png": dot,
        "e.txt": Uint8Array.of(0xff),
      }),
    );
    expect(rows(dataset).map(([name, , caption]) => [name, caption])).toEqual([
      ["a.png", "a red dot"],
      ["b.png", none],
      ["d.png", none],
      ["e.png", none],
    ]);
    expect(dataset.card).toMatchObject({ captions: 1, notes: ["3 pictures of 4 have no caption"] });
    expect(dataset.card.skipped).toEqual([
      { file: "c.txt", reason: "is a caption without its picture" },
      { file: "d.txt", reason: "is empty" },
      { file: "e.txt", reason: "is not valid UTF-8: byte 0xff at offset 0" },
    ]);
  });

  it("follows a metadata file, whose classes win over folders", async () => {
    const dataset = await open(
      await folder("metadata", {
        "x/a.png": dot,
        "y/b.png": dot,
        "y/metadata.jsonl":
          '{"file_name":"b.png","text":"B","label":7}\n{"file_name":"gone.png"}\n{"text":"no file"}\n',
        "metadata.csv": "file_name,caption,class,split\nx/a.png,A,five,validation\nx/a.png,again,five,\n",
      }),
    );
    expect(rows(dataset)).toEqual([
      ["x/a.png", "five", "A", "test"],
      ["y/b.png", "7", "B", none],
    ]);
    expect(dataset.card.skipped).toEqual([
      { file: "metadata.csv:2", reason: "names x/a.png again: only its first row is used" },
      { file: "y/metadata.jsonl:3", reason: "names no file" },
      { file: "y/gone.png", reason: "y/metadata.jsonl has it, but it is not there" },
    ]);
  });

  it("is read without a metadata file that is broken", async () => {
    const { card } = await open(await folder("broken-list", { "a.png": dot, "metadata.jsonl": '{"file_name":\n' }));
    expect([card.pictures, card.skipped?.[0]?.file]).toEqual([1, "metadata.jsonl"]);
    expect(card.skipped![0]!.reason).toMatch(/^line 1 is no JSON/);
  });

  it.skipIf(process.getuid?.() === 0)("goes on past files that may not be read", async () => {
    const path = await folder("closed", { "a.png": dot, "b.png": dot });
    await chmod(join(path, "b.png"), 0);
    const { card } = await open(path);
    expect(card.skipped).toEqual([{ file: "b.png", reason: "cannot be read: permission denied" }]);
  });

  it("goes on past links that lead nowhere", async () => {
    const path = await folder("links", { "a.png": dot });
    await symlink(join(path, "nowhere"), join(path, "b.png"));
    expect((await open(path)).card.skipped).toEqual([{ file: "b.png", reason: "cannot be read: is not there" }]);
  });

  it("is an error where it has none", async () => {
    await expect(open(await folder("texts", { "a.txt": "words" }))).rejects.toMatchObject({ code: "NO_PICTURES" });
  });
});

describe("a list", () => {
  it("names files relative to itself", async () => {
    const path = await folder("list", {
      "pictures/a.png": dot,
      "lists/all.csv": "Path;Description;Category\n../pictures/a.png;one;x\n../pictures/b.png;two;y\n",
    });
    const dataset = await open({ path: join(path, "lists/all.csv"), licence: "CC0-1.0" });
    expect(rows(dataset)).toEqual([["../pictures/a.png", "x", "one", none]]);
    expect(dataset.card).toMatchObject({ name: "all.csv", licence: "CC0-1.0" });
    expect(dataset.card.skipped).toEqual([{ file: "../pictures/b.png", reason: "cannot be read: is not there" }]);
  });

  it("is refused without a column of files", async () => {
    const path = await folder("no-files", { "all.csv": "title,text\nA,b\n" });
    await expect(open(join(path, "all.csv"))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      hint: "Call its column file_name. Its columns are: title, text.",
    });
  });
});

describe("other sources", () => {
  it("pictures in hand, and several sources in a row", async () => {
    const path = await folder("one", { "a.png": dot });
    const given = {
      name: "mine",
      licence: "MIT",
      pictures: [{ picture: plain(3, 3, 5), label: "grey" }, { picture: dot }],
    };
    const dataset = await open([path, given, join(path, "a.png")]);
    expect(dataset.records.map(({ name, label }) => [name, label])).toEqual([
      ["one/a.png", none],
      ["mine/picture 1", "grey"],
      ["mine/picture 2", none],
      ["a.png/a.png", none],
    ]);
    expect(dataset.card).toMatchObject({
      name: "one + mine + a.png",
      licence: "not stated; MIT",
      notes: ["3 pictures of 4 have no class"],
    });
  });

  it("names what is not there", async () => {
    const path = await folder("near", { "cats/a.png": dot });
    await expect(open(join(path, "cat"))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      hint: `Did you mean ${join(path, "cats")}?`,
    });
    await expect(open("emojy")).rejects.toMatchObject({
      code: "UNKNOWN_DATASET",
      hint: expect.stringContaining("emoji"),
    });
  });
});

it("has a fingerprint that follows from names, what is known, and bytes", async () => {
  const files = { "a.png": dot, "b.png": await png(plain(2, 2, 9)) };
  const of = async (name: string, all: Readonly<Record<string, string | Uint8Array>>) =>
    (await open(await folder(name, all))).card.fingerprint;
  const first = await of("f1", files);
  expect(await of("f2", files)).toBe(first);
  expect(await of("f3", { ...files, "b.txt": "caption" })).not.toBe(first);
  expect(await of("f4", { ...files, "b.png": dot })).not.toBe(first);
  expect(await of("f5", { "a.png": dot, "c.png": files["b.png"] })).not.toBe(first);
});

it("tells pictures from texts", async () => {
  const path = await folder("which", {
    "pictures/a.png": dot,
    "pictures/a.txt": "a",
    "texts/a.txt": "a",
    "texts/b.md": "b",
    "texts/c.txt": "c",
    "texts/logo.png": dot,
    "list.jsonl": '{"file_name":"pictures/a.png"}\n',
    "rows.jsonl": '{"text":"words"}\n',
    "digits/train-images-idx3-ubyte.gz": "",
  });
  const found: boolean[] = [];
  for (const name of [
    "pictures",
    "digits",
    "list.jsonl",
    "pictures/a.png",
    "texts",
    "rows.jsonl",
    "texts/a.txt",
    "none",
  ])
    found.push(await holdsPictures(join(path, name)));
  expect(found).toEqual([true, true, true, true, false, false, false, false]);
});
