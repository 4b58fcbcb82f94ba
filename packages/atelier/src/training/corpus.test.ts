import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToAlphabet, type DatasetProgress, type TokenStream } from "@atelier/data";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { resolveTextRecipe } from "../recipe/resolve.js";
import { openCorpus } from "./corpus.js";
import { sample } from "./fit-codec.js";
import { cachedStreams, type Streams } from "./token-cache.js";

const idsOf = (stream: TokenStream): Int32Array => stream.read(0, stream.length);

describe("a corpus", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-corpus-"));
    await writeFile(join(folder, "text.txt"), `${"to be or not to be. ".repeat(45)}${"quiz? ".repeat(17)}`);
    await mkdir(join(folder, "books"));
    for (let i = 0; i < 20; i++) await writeFile(join(folder, "books", `${i}.txt`), `book ${i} `.repeat(40));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const open = (recipe: object, more: object = {}) =>
    openCorpus(resolveTextRecipe({ data: join(folder, "text.txt"), ...recipe }), { home: folder, ...more });

  it("is split at the first ⌊n × 0.9⌋ characters, and has a number for every character of either part", async () => {
    const { train, validation, codec } = await open({});
    const characters = 45 * 20 + 17 * 6;
    expect(train.length).toBe(Math.floor(characters * 0.9));
    expect(train.length + validation.length).toBe(characters);
    expect(codec.decode(idsOf(validation))).toContain("quiz?");
    expect(codec.decode(idsOf(train))).not.toContain("quiz");
    expect(codec.spec.vocabulary).toBe(new Set("to be or not to be. quiz?").size);
  });

  it("has its byte pairs from the training part alone", async () => {
    const recipe = { codec: { kind: "bpe", vocabulary: 300 } };
    const { codec } = await open(recipe);
    // "quiz" is frequent in the held-out part only: no merge knows it, so it takes a token a byte.
    expect(codec.encode("quiz").length).toBe(4);
    expect(codec.encode(" not").length).toBe(1);
  });

  it("keeps the codec that it is given", async () => {
    const fitted = await open({ codec: { kind: "bpe", vocabulary: 270 } });
    const again = await open({}, { codec: JSON.parse(JSON.stringify(fitted.codec.toJSON())) });
    expect(again.codec.name).toBe("bpe");
    expect([...idsOf(again.train)]).toEqual([...idsOf(fitted.train)]);
  });

  it("of many documents holds out whole ones, the same for the same seed", async () => {
    const recipe = { data: join(folder, "books"), validation: 0.1, codec: { kind: "bpe", vocabulary: 300 } };
    const text = async (seed: number): Promise<string> => {
      const { codec, validation } = await open({ ...recipe, seed });
      return codec.decode(idsOf(validation));
    };
    const first = await text(1);
    expect(first).toBe(await text(1));
    expect([...new Set(first.match(/book \d+/g))].length).toBe(2);
    expect((await Promise.all([2, 3, 4, 5].map(text))).some((other) => other !== first)).toBe(true);
  });

  it("may be given by a program, and by several sources in a row", async () => {
    const documents = Array.from({ length: 30 }, (_, i) => `text number ${i}\n`);
    const { dataset, train, validation } = await open({ data: "ignored" }, { data: { documents, name: "mine" } });
    expect(dataset.card).toMatchObject({ name: "mine", documents: 30 });
    expect(train.length + validation.length).toBe(documents.join("").length);
    const both = await open({ data: [join(folder, "books"), { path: join(folder, "text.txt"), licence: "MIT" }] });
    expect(both.dataset.card).toMatchObject({ documents: 21, licence: "not stated; MIT" });
  });

  it("is curated before it is divided, and says what was taken out", async () => {
    const same = "the very same words, again and again, in a text that stands here twice. ".repeat(5);
    const documents = [...Array.from({ length: 24 }, (_, i) => `${i}${"abc"[i % 3]} `.repeat(60)), same, "x", same];
    const { dataset, train, validation, curation } = await open(
      { curation: { minLength: 10, near: false } },
      { data: { documents } },
    );
    expect(dataset.card.documents).toBe(27);
    expect(curation).toMatchObject({ input: { documents: 27 }, output: { documents: 25 } });
    expect(train.length + validation.length).toBe(documents.join("").length - same.length - 1);
    expect(await readdir(join(folder, "cache"))).toEqual([]);
    await expect(open({ curation: { minLength: 10_000 } }, { data: { documents } })).rejects.toMatchObject({
      code: "EMPTY_TEXT",
    });
  });

  it("has the special tokens that its family needs", async () => {
    const specials = ["<|mask|>"];
    for (const codec of [{ kind: "characters" }, { kind: "bpe", vocabulary: 300 }, { kind: "code", vocabulary: 300 }]) {
      const opened = await open({ codec }, { specials });
      expect(opened.codec.spec.specials).toHaveProperty("<|mask|>");
    }
  });

  it("takes a tokenizer.json, and refuses one of another kind or without what is needed", async () => {
    const letters = [...Array.from({ length: 256 }, (_, byte) => bytesToAlphabet(Uint8Array.of(byte))), "to", "be"];
    const idOf = Object.fromEntries(letters.map((token, id) => [token, id]));
    const tokenizer = {
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
      added_tokens: [],
      model: { type: "BPE", vocab: idOf, merges: ["t o", "b e"] },
    };
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
    const { codec, train } = await open({ codec: { kind: "pretrained", path: folder } });
    expect(codec.spec.vocabulary).toBe(258);
    expect([...train.read(0, 3)]).toEqual([256, 32, 257]); // "to", " ", "be"
    const pretrained = { codec: { kind: "pretrained", path: join(folder, "tokenizer.json") } };
    await expect(open(pretrained, { specials: ["<|mask|>"] })).rejects.toThrow(/has no special token <\|mask\|>/);
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify({ ...tokenizer, normalizer: { type: "NFC" } }));
    await expect(open(pretrained)).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringMatching(/tokenizer\.json.*normalizer/),
    });
    await expect(open({ codec: { kind: "pretrained", path: join(folder, "none.json") } })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });

  it("tells what it is at, and stops when told to", async () => {
    const stages: string[] = [];
    const last = { done: 0, total: 1 };
    await open(
      {},
      {
        onProgress: ({ stage, done, total }: DatasetProgress) => {
          if (stages.at(-1) !== stage) stages.push(stage);
          Object.assign(last, { done, total });
        },
      },
    );
    expect(stages).toEqual(["read", "fit", "encode"]);
    expect(last.done).toBe(last.total);
    const controller = new AbortController();
    const onProgress = ({ stage }: DatasetProgress) => stage === "encode" && controller.abort(new Error("enough"));
    const data = join(folder, "books");
    await expect(open({ data }, { onProgress, signal: controller.signal })).rejects.toThrow("enough");
  });

  it("passes on what is wrong with the data", async () => {
    await expect(open({ data: join(folder, "none.txt") })).rejects.toMatchObject({
      code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.stringContaining("none.txt"),
    });
  });
});

describe("a sample of a long text", () => {
  const text = Array.from({ length: 1000 }, (_, i) => String(i).padStart(9)).join("\n");
  const pieces = async function* () {
    for (let at = 0; at < text.length; at += 3000) yield { name: "x", text: text.slice(at, at + 3000) };
  };

  it("is taken evenly from all of it, or is all of it", async () => {
    const texts = await sample(pieces(), text.length, 2000, 100);
    const length = texts.join("").length;
    expect(length).toBeGreaterThanOrEqual(1900);
    expect(length).toBeLessThanOrEqual(2100);
    const places = texts.map((block) => text.indexOf(block));
    for (let i = 1; i < places.length; i++) {
      expect(places[i]! - places[i - 1]!).toBeGreaterThanOrEqual(400);
      expect(places[i]! - places[i - 1]!).toBeLessThanOrEqual(600);
    }
    expect((await sample(pieces(), text.length, text.length)).join("")).toBe(text);
  });
});

describe("tokens in files", () => {
  const ids = Int32Array.from({ length: 100 }, (_, i) => i * 3);
  const encode = vi.fn(async function* (part: "train" | "validation") {
    yield part === "train" ? ids : ids.slice(0, 10);
  });

  it("are encoded once and found again, unless they are damaged", async () => {
    const home = await mkdtemp(join(tmpdir(), "atelier-tokens-"));
    const open = () => cachedStreams(home, "key", 300, encode);
    const read = ({ train, validation }: Streams) => [...idsOf(train), ...idsOf(validation)];
    const expected = [...ids, ...ids.slice(0, 10)];
    expect(read(await open())).toEqual(expected);
    expect(read(await open())).toEqual(expected);
    expect(encode).toHaveBeenCalledTimes(2);
    await truncate(join(home, "cache/tokens/key/train"), 20);
    expect(read(await open())).toEqual(expected);
    expect(encode).toHaveBeenCalledTimes(4);
    await expect(
      cachedStreams(home, "other", 300, async function* () {
        yield ids;
        throw new Error("enough");
      }),
    ).rejects.toThrow("enough");
    expect(await readdir(join(home, "cache/tokens"))).toEqual(["key"]);
    await rm(home, { recursive: true });
  });
});
