import { expect, test } from "vitest";
import { charactersOf, encodeCharacters, splitCharacters } from "./characters.js";

test("an id is a character's rank among the sorted distinct ones", () => {
  const { ids, vocabulary } = encodeCharacters("cab bed");
  expect([...ids]).toEqual([3, 1, 2, 0, 2, 5, 4]);
  expect(vocabulary).toBe(6);
});

test("nine tenths are for training and the rest for validation", () => {
  const { train, validation } = splitCharacters(Int32Array.from({ length: 15 }, (_, i) => i));
  expect(train.length).toBe(13);
  expect([...validation]).toEqual([13, 14]);
});

test("without a text the tokens are random, of 65 kinds", async () => {
  const { ids, vocabulary } = await charactersOf(undefined);
  expect(vocabulary).toBe(65);
  expect(new Set(ids).size).toBe(65);
  expect(Math.max(...ids.subarray(0, 10_000))).toBe(64);
});
