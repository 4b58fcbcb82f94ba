import { FormatError } from "@atelier/engine/errors";
import { expect, it } from "vitest";
import { names } from "./names.js";

const female = "female-first-names-en/data/names.json";
const male = "male-first-names-en/data/names.json";
const file = (list: readonly string[]): Uint8Array => new TextEncoder().encode(JSON.stringify(list));
const letters = "abcdefghijklmnopqrstuvwxyz";
/** 676 names in alphabetical order. */
const listed = [...letters].flatMap((a) => [...letters].map((b) => `${a.toUpperCase()}${b}`));

it("gives every name once, a line each, in 50 documents of equal size", () => {
  const documents = names.read(
    new Map([
      [female, file([...listed, "Anne-Marie", "TEirtza"])],
      [male, file(["Aa", "ErvIn", "Zz"])],
    ]),
  );
  const lines = documents.map(({ text }) => text.trimEnd().split("\n"));
  expect(documents.every(({ text }) => text.endsWith("\n"))).toBe(true);
  expect(lines.flat().sort()).toEqual([...listed, "Anne-Marie", "Teirtza", "Ervin"].sort());
  expect(lines.map((each) => each.length).sort()).toEqual([...new Array(21).fill(13), ...new Array(29).fill(14)]);
});

it("is in no alphabetical order", () => {
  const order = names
    .read(
      new Map([
        [female, file(listed)],
        [male, file(["Aa"])],
      ]),
    )
    .flatMap(({ text }) => text.trimEnd().split("\n"));
  const rises = order.filter((name, i) => i > 0 && order[i - 1]! < name).length;
  // Of a random order half of the steps rise, give or take √(n / 12): five of these.
  expect(Math.abs(rises - 675 / 2)).toBeLessThan(5 * Math.sqrt(676 / 12));
});

it("refuses a package without one of the lists", () => {
  expect(() => names.read(new Map([[female, file(listed)]]))).toThrow(FormatError);
});
