import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describePictures } from "../pictures/picture-dataset.js";
import { emoji } from "./emoji.js";
import { notoEmoji, twemoji } from "./emoji-datasource.js";
import { flags } from "./flags.js";
import { hanzi } from "./hanzi.js";
import { icons } from "./icons.js";
import { openNamedPictures } from "./picture-cache.js";
import type { InstalledPictures, NamedPicture, PackagedPictures } from "./picture-definition.js";
import { knownDatasets, knownPictures } from "./registry.js";

const utf8 = new TextEncoder();
const packed = (files: Readonly<Record<string, unknown>>) =>
  new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      utf8.encode(typeof content === "string" ? content : JSON.stringify(content)),
    ]),
  );
const text = ({ bytes }: NamedPicture) => new TextDecoder().decode(bytes);

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "atelier-named-pictures-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("what is made of the packages", () => {
  it("OpenMoji without skin tones and logos", () => {
    const row = (hexcode: string, more: object) => ({
      hexcode,
      group: "food-drink",
      subgroups: "food",
      annotation: "red apple",
      tags: "red, fruit",
      openmoji_tags: "Fruit, fresh, fruit",
      skintone: "",
      ...more,
    });
    const files = packed({
      "data/openmoji.json": [
        row("1F34E", {}),
        row("1F44D-1F3FB", { skintone: 1 }),
        row("E040", { subgroups: "brand" }),
      ],
      "color/svg/1F34E.svg": "<svg/>",
    });
    const [apple, ...rest] = emoji.read(files);
    expect([apple?.file, apple?.label, apple?.caption, rest]).toEqual([
      "1F34E.svg",
      "food",
      "red apple: fruit, Fruit, fresh",
      [],
    ]);
    files.delete("color/svg/1F34E.svg");
    expect(() => emoji.read(files)).toThrow("The package has no color/svg/1F34E.svg");
    const kept = emoji.packages[0]!.keep;
    expect(["color/svg/E040.svg", "black/svg/E040.svg", "data/openmoji.json"].filter(kept)).toHaveLength(2);
  });

  it("emoji of two hands with keywords, and the tone of each variant", () => {
    const index = [
      {
        name: "THUMBS UP SIGN",
        short_name: "+1",
        unified: "1F44D",
        image: "1f44d.png",
        subcategory: "hand-fingers-closed",
        has_img_google: true,
        has_img_twitter: true,
        skin_variations: {
          "1F3FB": { image: "1f44d-1f3fb.png", has_img_google: true, has_img_twitter: false },
          "1F3FB-1F3FF": { image: "dead.png", has_img_google: false, has_img_twitter: false },
        },
      },
    ];
    const pictures = packed({
      "emoji.json": index,
      "img/google/64/1f44d.png": "A",
      "img/google/64/1f44d-1f3fb.png": "B",
    });
    const library = packed({ "dist/emoji-en-US.json": { "👍": ["thumbs_up", "+1", "yes", ":)", "thumbs"] } });
    expect(notoEmoji.read(pictures, library).map(({ file, label, caption }) => [file, label, caption])).toEqual([
      ["1f44d.png", "hand-fingers-closed", "thumbs up: yes"],
      ["1f44d-1f3fb.png", "hand-fingers-closed", "thumbs up: yes, light skin"],
    ]);
    const theirs = packed({ "emoji.json": index, "img/twitter/64/1f44d.png": "T" });
    expect(twemoji.read(theirs, library).map(({ bytes, caption }) => [Buffer.from(bytes).toString(), caption])).toEqual(
      [["T", "thumbs up: yes"]],
    );
  });

  it("Chinese characters from their strokes, the right way up", () => {
    const files = packed({ "一.json": { strokes: ["M 1 2 Z"] }, "二.json": { strokes: ["M 1 2 Z", "M 3 4 Z"] } });
    const [one, two] = hanzi.read(files);
    expect([one?.file, one?.label, one?.caption, two?.label]).toEqual(["4E00.svg", "1", "一", "2"]);
    expect(text(two!)).toContain('matrix(1 0 0 -1 0 900)"><path d="M 1 2 Z M 3 4 Z"/>');
    expect(["一.json", "package.json", "index.js"].filter(hanzi.packages[0]!.keep)).toEqual(["一.json"]);
    expect(() => hanzi.read(packed({ "一.json": { strokes: ['"/><script/>'] } }))).toThrow(/一\.json/);
  });

  it("flags and icons, by name", () => {
    const found = flags.read(
      packed({ "countries.json": { FR: "France" }, "svg/fr.svg": "<svg/>", "svg/eu.svg": "<svg/>" }),
    );
    expect(found.map(({ file, caption }) => [file, caption])).toEqual([
      ["eu.svg", undefined],
      ["fr.svg", "flag of France"],
    ]);
    const body = '<path fill="currentColor" d="M0 0"/>';
    const [icon] = icons.read(packed({ "icons.json": { icons: { "3d-hammer": { body } }, width: 512, height: 512 } }));
    expect(icon?.caption).toBe("3d hammer");
    expect(text(icon!)).toContain('viewBox="0 0 512 512"><path fill="black" d="M0 0"/>');
  });
});

describe("a dataset of a package", () => {
  const read = (package_: ReadonlyMap<string, Uint8Array> = new Map()): NamedPicture[] => [
    { file: "b.svg", bytes: package_.get("b")!, caption: "B" },
    { file: "in/a.svg", bytes: package_.get("a")!, label: "x" },
  ];
  const files = packed({ a: "<svg>a</svg>", b: "<svg>b</svg>" });
  const definition = async (): Promise<PackagedPictures> => {
    const records = read(files).map(({ file, bytes, ...known }) => ({ name: file, read: async () => bytes, ...known }));
    const origin = { name: "sample", title: "A sample", origin: "a test", licence: "CC0-1.0" };
    const { card } = await describePictures({ origin, records, skipped: [] });
    const part = { spec: "sample@1.0.0", integrity: "sha512-", bytes: 1, keep: () => true };
    return { kind: "pictures", ...origin, packages: [part], read, fingerprint: card.fingerprint };
  };

  it("is fetched once, kept as a folder that people and other programs can read, and fetched again where it was altered", async () => {
    const home = join(root, "home");
    let fetched = 0;
    const fetchFiles = async () => {
      fetched++;
      return files;
    };
    const open = async () => openNamedPictures(await definition(), { home }, fetchFiles);
    const { card, records } = await open();
    expect(card).toMatchObject({ licence: "CC0-1.0", pictures: 2, captions: 1, classes: { x: 1 } });
    expect(records.map(({ name, label, caption }) => [name, label, caption])).toEqual([
      ["b.svg", undefined, "B"],
      ["in/a.svg", "x", undefined],
    ]);
    const folder = join(home, "datasets", "sample");
    expect((await readdir(folder)).sort()).toEqual(["b.svg", "dataset.json", "in", "metadata.jsonl"]);
    expect((await open()).card).toEqual(card);
    expect(fetched).toBe(1);
    await writeFile(join(folder, "b.svg"), "<svg>c</svg>");
    expect((await open()).card).toEqual(card);
    expect([fetched, await readFile(join(folder, "b.svg"), "utf8")]).toEqual([2, "<svg>b</svg>"]);
  });

  it("is refused, and nothing kept, where it is not the pinned one, or nothing can be kept", async () => {
    const home = join(root, "other");
    const other = { ...(await definition()), fingerprint: `sha256:${"0".repeat(64)}` };
    await expect(openNamedPictures(other, { home }, async () => files)).rejects.toMatchObject({
      code: "INTEGRITY_MISMATCH",
    });
    expect(await readdir(join(home, "datasets"))).toEqual([]);
    await writeFile(join(root, "file"), "");
    const unwritable = openNamedPictures(await definition(), { home: join(root, "file") }, async () => files);
    await expect(unwritable).rejects.toMatchObject({ code: "CACHE_UNWRITABLE" });
  });
});

describe("a dataset that has to be there", () => {
  const idx = (sizes: number[], data: number[]) =>
    Uint8Array.from([0, 0, 8, sizes.length, ...sizes.flatMap((n) => [0, 0, 0, n]), ...data]);
  const definition: InstalledPictures = {
    kind: "pictures",
    name: "digits",
    title: "Digits",
    origin: "a test",
    licence: "MIT",
    folders: [],
    hint: "fetch it",
    classes: ["zero", "one"],
    fingerprint: "sha256:",
  };
  const open = (home: string, change: Partial<InstalledPictures> = {}) =>
    openNamedPictures({ ...definition, ...change }, { home });

  it("is found in the home or where it is installed, with names for its labels; else an error says how to get it", async () => {
    const home = join(root, "installed");
    await expect(open(home)).rejects.toMatchObject({ code: "DATASET_NOT_INSTALLED", hint: "fetch it" });
    const folder = await mkdtemp(join(root, "system-"));
    await writeFile(join(folder, "train-images-idx3-ubyte"), idx([2, 1, 1], [5, 6]));
    await writeFile(join(folder, "train-labels-idx1-ubyte"), idx([2], [1, 0]));
    const error: unknown = await open(home, { folders: [folder] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "INTEGRITY_MISMATCH" });
    const fingerprint = /sha256:[0-9a-f]{64}/.exec(String(error))![0];
    const { card, records } = await open(home, { folders: [folder], fingerprint });
    expect([records.map(({ label }) => label), card.name, card.licence]).toEqual([["one", "zero"], "digits", "MIT"]);
    await expect(open(home, { folders: [folder], classes: ["zero"] })).rejects.toThrow(/the label 1, which is none/);
  });
});

it("gives every dataset a name of its own, a licence and a fingerprint", () => {
  const names = [...knownDatasets, ...knownPictures].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { licence, fingerprint } of knownPictures) {
    expect(licence).not.toBe("");
    expect(fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/);
  }
});
