import { FormatError } from "@atelier/engine/errors";
import { expect, it } from "vitest";
import { mobyDick } from "./moby-dick.js";

const folder = "moby-dick/data/";
const bytes = (chapter: string, title: string, text: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ chapter, title, text }));

/** A book of the package's form with the traces that its edition really has. */
function book(): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const special: Record<number, [string, string]> = {
    9: [
      "The Sermon.",
      '     "The ribs and terrors in the whale,      Arched over me a dismal gloom.\n\nHe paused.  Then.\n',
    ],
    73: ["Stubb and Flask Kill a Right Whale; and Then Have a Talk", "Over Him.\n\nIt must be borne in mind.\n"],
  };
  for (let i = 135; i >= 1; i--) {
    const [title, text] = special[i] ?? [`Title ${i}.`, `Text ${i}.\n`];
    files.set(`${folder}chapter_${i}.json`, bytes(`${i}`, title, text));
  }
  files.set(`${folder}contents.json`, bytes("Contents", "", "CONTENTS\n"));
  files.set(`${folder}epilogue.json`, bytes("Epilogue", "x", "Epilogue.\n\nThe drama's done.\n"));
  files.set(
    `${folder}etymology.json`,
    bytes("Etymology", "x", "ETYMOLOGY.\n\n     WAL,                 Dutch.\n     HWAL,                Swedish.\n"),
  );
  files.set(`${folder}extracts.json`, bytes("Extracts", "x", "unsplinterable glasses! EXTRACTS.\n\nWhales.\n"));
  return files;
}

it("gives the book in its order", () => {
  const names = mobyDick.read(book()).map(({ name }) => name);
  expect(names).toHaveLength(138);
  expect(names.slice(0, 3)).toEqual(["Etymology", "Extracts", "Chapter 1. Title 1."]);
  expect(names.slice(-2)).toEqual(["Chapter 135. Title 135.", "Epilogue"]);
  expect(names.indexOf("Chapter 10. Title 10.")).toBe(names.indexOf("Chapter 2. Title 2.") + 8);
});

it("mends what the edition's unwrapping left", () => {
  const texts = mobyDick.read(book()).map(({ text }) => text);
  expect(texts[0]).toContain("     WAL,                 Dutch.\n     HWAL,"); // a table stays one
  expect(texts[1]).toBe("unsplinterable glasses!\n\nEXTRACTS.\n\nWhales.\n");
  expect(texts[10]).toBe(
    'CHAPTER 9. The Sermon.\n\n     "The ribs and terrors in the whale,\n     Arched over me a dismal gloom.\n\nHe paused.  Then.\n',
  );
  expect(texts[74]).toBe(
    "CHAPTER 73. Stubb and Flask Kill a Right Whale; and Then Have a Talk Over Him.\n\nIt must be borne in mind.\n",
  );
});

it("refuses a package without a chapter", () => {
  const files = book();
  files.delete(`${folder}chapter_77.json`);
  expect(() => mobyDick.read(files)).toThrow(FormatError);
});
