import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveRecipe } from "../recipe/resolve.js";
import { openCorpus } from "./corpus.js";

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
    openCorpus(resolveRecipe({ data: join(folder, "text.txt"), ...recipe }), { home: folder, ...more });

  it("is split at the first ⌊n × 0.9⌋ characters, and has a number for every character of either part", async () => {
    const { train, validation, codec } = await open({});
    const characters = 45 * 20 + 17 * 6;
    expect(train.length).toBe(Math.floor(characters * 0.9));
    expect(train.length + validation.length).toBe(characters);
    expect(codec.decode(validation.ids)).toContain("quiz?");
    expect(codec.decode(train.ids)).not.toContain("quiz");
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
    expect([...again.train.ids]).toEqual([...fitted.train.ids]);
  });

  it("of many documents holds out whole ones, the same for the same seed", async () => {
    const recipe = { data: join(folder, "books"), validation: 0.1, codec: { kind: "bpe", vocabulary: 300 } };
    const text = async (seed: number): Promise<string> => {
      const { codec, validation } = await open({ ...recipe, seed });
      return codec.decode(validation.ids);
    };
    const first = await text(1);
    expect(first).toBe(await text(1));
    expect([...new Set(first.match(/book \d+/g))].length).toBe(2);
    expect((await Promise.all([2, 3, 4, 5].map(text))).some((other) => other !== first)).toBe(true);
  });

  it("passes on what is wrong with the data", async () => {
    await expect(open({ data: join(folder, "none.txt") })).rejects.toMatchObject({
      code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.stringContaining("none.txt"),
    });
  });
});
