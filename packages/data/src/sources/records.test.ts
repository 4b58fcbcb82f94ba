import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect } from "../datasets/collect.test-helpers.js";
import { openTextDataset } from "../datasets/open.js";
import type { FileSource } from "./source.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-records-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(file: string, content: string | Uint8Array, settings: Omit<FileSource, "path"> = {}) {
  const path = join(folder, file);
  await writeFile(path, content);
  const dataset = await openTextDataset({ path, ...settings }, { home: folder });
  return { card: dataset.card, rows: (await collect(dataset)).map(({ name, text }) => [name, text]) };
}

const jsonl = [
  { id: "some long identifier", title: "One", text: "first\r\ntext" },
  { id: "x", title: "Two", text: "" },
  { id: "y", title: "Three", text: "third \ud800!", meta: { note: "deep" } },
]
  .map((row) => `${JSON.stringify(row)}\n`)
  .join("\n");

describe("JSON Lines", () => {
  it("give a document a row, of the field that is called text, and say what they leave out", async () => {
    const { rows, card } = await read("a.jsonl", jsonl);
    expect(rows).toEqual([
      ["a.jsonl:1", "first\ntext"],
      ["a.jsonl:5", "third \ufffd!"],
    ]);
    expect(card.skipped).toEqual([{ file: "a.jsonl", reason: "1 of 3 rows have no text" }]);
  });

  it("give the field that is asked for, nested ones too, or a template's text", async () => {
    expect((await read("a.ndjson", jsonl, { field: "title" })).rows.map(([, text]) => text)).toEqual([
      "One",
      "Two",
      "Three",
    ]);
    expect((await read("a.jsonl", jsonl, { field: "meta.note" })).rows).toEqual([["a.jsonl:5", "deep"]]);
    expect((await read("a.jsonl", jsonl, { template: "{title}: {text}" })).rows.map(([, text]) => text)).toEqual([
      "One: first\ntext",
      "Two: ",
      "Three: third \ufffd!",
    ]);
  });

  it("may be packed, may be plain strings, and else give the field with the longest texts", async () => {
    expect((await read("b.jsonl.gz", gzipSync('"one"\n"two"'))).rows).toEqual([
      ["b.jsonl.gz:1", "one"],
      ["b.jsonl.gz:2", "two"],
    ]);
    expect((await read("c.jsonl", '{"a":"12345678901234567890","b":"words, words","c":"w"}')).rows).toEqual([
      ["c.jsonl:1", "words, words"],
    ]);
  });

  it("are refused by line, field and file", async () => {
    await expect(read("d.jsonl", '{"text":"a"}\n{"text":')).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringContaining("d.jsonl:2 is no JSON"),
    });
    await expect(read("e.jsonl", jsonl, { field: "titel" })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      hint: "Did you mean title? Its fields are: id, title, text, meta.",
    });
    await expect(read("f.jsonl", '{"n":1}\n')).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(read("g.jsonl.gz", gzipSync(jsonl.repeat(50)).subarray(0, 60))).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringContaining("is not a whole gzip file"),
    });
    await expect(read("h.jsonl", '{"text":""}\n', { field: "text" })).rejects.toMatchObject({ code: "NO_TEXTS" });
  });
});

describe("CSV", () => {
  const csv = 'id,title,review\n1,Good,"It was good,\nvery ""good"""\n\n2,Bad,It was not\n';

  it("gives the column with the longest texts, quotation marks and line ends undone", async () => {
    expect((await read("a.csv", csv)).rows).toEqual([
      ["a.csv:1", 'It was good,\nvery "good"'],
      ["a.csv:2", "It was not"],
    ]);
  });

  it("gives the column or the template that is asked for", async () => {
    expect((await read("a.csv", csv, { field: "title" })).rows.map(([, text]) => text)).toEqual(["Good", "Bad"]);
    expect((await read("a.csv", csv, { template: "{title} ({id})" })).rows.map(([, text]) => text)).toEqual([
      "Good (1)",
      "Bad (2)",
    ]);
  });

  it("may be divided by semicolons or tabs, marked as UTF-8, and packed", async () => {
    expect((await read("s.csv", "\ufeffid;text\n1;one, two\n")).rows).toEqual([["s.csv:1", "one, two"]]);
    expect((await read("t.tsv.gz", gzipSync("id\ttext\n1\tone; two\n"))).rows).toEqual([["t.tsv.gz:1", "one; two"]]);
  });

  it("is refused where rows have not as many columns as the first, or the bytes are no text", async () => {
    await expect(read("b.csv", "a,text\n1,one\n2,two,three\n")).rejects.toMatchObject({
      code: "BAD_FORMAT",
      message: expect.stringMatching(/b\.csv is no CSV: .*line 3/),
    });
    const latin = Buffer.from(`a,text\n${"1,word\n".repeat(400_000)}2,\xe9 \n`, "latin1");
    await expect(read("c.csv", latin)).rejects.toMatchObject({ code: "INVALID_UTF8" });
  });
});
