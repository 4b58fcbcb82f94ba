/** Captions as words: what is learnt, what is read, and what a training step sees of a caption. */
import { RandomKey } from "@atelier/engine/random";
import { expect, it } from "vitest";
import { CaptionWords } from "./caption-words.js";

const captions = [
  "Red heart: love, valentine's day",
  "blue heart: love",
  undefined,
  "crème brûlée",
  "heart with a star",
];
const words = CaptionWords.of(captions, { length: 4, least: 1 });

it("learns every word once, the most frequent first, and no accents or cases apart", () => {
  expect(words.words.slice(0, 2)).toEqual(["heart", "love"]);
  expect([...words.words].sort()).toEqual([
    "a",
    "blue",
    "brûlée",
    "crème",
    "day",
    "heart",
    "love",
    "red",
    "star",
    "valentine's",
    "with",
  ]);
  expect(CaptionWords.of(captions, { length: 4, least: 2 }).words).toEqual(["heart", "love"]);
  // Written with a combining accent.
  expect(words.encode("CRE\u0300ME").unknown).toEqual([]);
});

it("reads words in order, as many as fit, and names those that it does not know", () => {
  const number = (word: string) => words.words.indexOf(word);
  const read = words.encode("A blue, purple HEART with a purple star!");
  expect([...read.tokens]).toEqual(["a", "blue", "heart", "with"].map(number));
  expect(read.unknown).toEqual(["purple"]);
  expect([...words.encode("red").tokens]).toEqual([number("red"), -1, -1, -1]);
  expect([...words.encode("").tokens]).toEqual([-1, -1, -1, -1]);
  expect(words.nearest("hart")).toBe("heart");
});

it("shows a training step the name alone half of the time, else some of the phrases", () => {
  const seen = new Map<string, number>();
  const key = RandomKey.fromSeed(1);
  for (let i = 0; i < 2000; i++) {
    const caption = words.vary("red heart: love, like", key.at(i));
    seen.set(caption, (seen.get(caption) ?? 0) + 1);
  }
  const share = (caption: string) => (seen.get(caption) ?? 0) / 2000;
  // ½ alone, and ½ · ¼ where no other phrase stays.
  expect(share("red heart")).toBeCloseTo(0.625, 1);
  // ½ · ¼ · ¾, and ½ · ¼ · ¼ without the name.
  expect(share("red heart, love, like")).toBeCloseTo(0.094, 1);
  expect([...seen.keys()].sort()).toEqual(
    ["red heart", "love", "like", "love, like", "red heart, love", "red heart, like", "red heart, love, like"].sort(),
  );
  expect(words.vary("red heart: love, like", key.at(7))).toBe(words.vary("red heart: love, like", key.at(7)));
});

it("is kept as JSON, and refuses what cannot be", () => {
  expect(new CaptionWords(words.toJSON()).encode("red star")).toEqual(words.encode("red star"));
  expect(() => new CaptionWords({ words: ["a", "a"], length: 2 })).toThrow("one stands there twice");
  expect(() => CaptionWords.of([undefined, "x"], { length: 4, least: 2 })).toThrow(
    /no captions with a word that stands in 2/,
  );
});
