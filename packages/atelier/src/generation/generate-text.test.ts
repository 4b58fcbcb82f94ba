/** Text from a generator that plays back given tokens: what is tested is how tokens become text, not which are drawn. */
import { BpeCodec, CharacterCodec, type TextCodec } from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { generateText } from "./generate-text.js";
import type { GeneratedToken, GenerationSettings, RowEnd } from "./request.js";

/** Rows of tokens, interleaved; a row ends when a rule says so, or with its last token. */
const playback = (rows: readonly (readonly number[])[], finish: "stop" | "length" = "length") => ({
  async *events(_: unknown, settings: GenerationSettings): AsyncGenerator<GeneratedToken | RowEnd> {
    const rules = rows.map((_, row) => settings.rules?.(row) ?? []);
    const ended = new Set<number>();
    for (let i = 0; i <= Math.max(...rows.map((row) => row.length)); i++) {
      for (const [row, tokens] of rows.entries()) {
        if (ended.has(row)) continue;
        const token = tokens[i];
        if (token !== undefined) {
          for (const rule of rules[row]!) rule.accept(token);
          yield { row, token };
        }
        const ruled = rules[row]!.some((rule) => rule.finished);
        if (ruled || i + 1 >= tokens.length) {
          ended.add(row);
          yield { row, finish: ruled ? "rule" : finish };
        }
      }
    }
  },
});

async function textOf(codec: TextCodec, rows: readonly (readonly number[])[], stopStrings?: readonly string[]) {
  const texts = rows.map(() => "");
  const finishes: unknown[] = [];
  const settings = { temperature: 0, tokens: 100, samples: 1, stopStrings };
  for await (const { row, text, finish } of generateText(playback(rows), codec, [0], settings, RandomKey.fromSeed(1))) {
    texts[row] += text;
    if (finish !== undefined) finishes[row] = finish;
  }
  return { texts, finishes };
}

describe("generated text", () => {
  const codec = CharacterCodec.fromTexts(["ab cd\nxy"]);

  it("is the decoded tokens, row by row", async () => {
    const rows = ["ab cd", "x"].map((text) => [...codec.encode(text)]);
    expect(await textOf(codec, rows)).toEqual({ texts: ["ab cd", "x"], finishes: ["length", "length"] });
  });

  it("ends before a stop string, and gives what only looked like one", async () => {
    const rows = ["ab\ncd\n\nxy", "ab\n", "\n\nab"].map((text) => [...codec.encode(text)]);
    expect(await textOf(codec, rows, ["\n\n"])).toEqual({
      texts: ["ab\ncd", "ab\n", ""],
      finishes: ["stop", "length", "stop"],
    });
  });

  it("never has half a character, and has what is unfinished at the end", async () => {
    const bytes = BpeCodec.train(["a"], { vocabulary: 257 });
    const ids = [...bytes.encode("aé")];
    expect(ids.length).toBe(3);
    expect((await textOf(bytes, [ids])).texts).toEqual(["aé"]);
    expect((await textOf(bytes, [ids.slice(0, 2)])).texts).toEqual(["a\uFFFD"]);
  });
});
