import { describeDataset, inMemory, type TextDocument } from "@atelier/data";
import { describe, expect, it } from "vitest";
import { inspect } from "./inspect.js";

const dataset = (documents: readonly TextDocument[]) =>
  describeDataset({ name: "it", title: "it", origin: "here", licence: "none" }, inMemory(documents));

describe("inspect", () => {
  it("counts characters, lines, code and copies", async () => {
    const it = await dataset([
      { name: "a.ts", text: "let a;\n\nlet b;\n" },
      { name: "b.md", text: "né 🐋\n" },
      { name: "c.md", text: "né 🐋\n" },
    ]);
    const { sample } = await inspect(it);
    // "let a;" and "let b;" of 6 units each, "né 🐋" of 5 twice.
    expect(sample).toEqual({
      documents: 3,
      characters: 15 + 5 + 5,
      code: 15 / 25,
      alphabet: new Set("let a;\n\nlet b;\nné 🐋\n").size,
      line: (6 + 6 + 5 + 5) / 4,
      longest: 15,
      copies: 1,
    });
  });

  it("takes pieces of a document as one", async () => {
    const it = await dataset([
      { name: "long", text: "abc", continues: true },
      { name: "long", text: "abc" },
      { name: "short", text: "abc" },
    ]);
    const { sample } = await inspect(it);
    expect(sample).toMatchObject({ documents: 2, longest: 6, copies: 0 });
  });

  it("stops looking where it has seen enough", async () => {
    const it = await dataset(Array.from({ length: 10 }, (_, i) => ({ name: `${i}`, text: "x".repeat(100) })));
    const { card, sample } = await inspect(it, { most: 250 });
    expect(card.characters).toBe(1000);
    expect(sample).toMatchObject({ documents: 3, characters: 300 });
  });

  it("stops when told to", async () => {
    const stopped = inspect(await dataset([{ name: "a", text: "a" }]), {
      signal: AbortSignal.abort(new Error("enough")),
    });
    await expect(stopped).rejects.toThrow("enough");
  });
});
