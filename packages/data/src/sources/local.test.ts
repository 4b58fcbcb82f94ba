import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AtelierError } from "@atelier/engine/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect } from "../datasets/collect.test-helpers.js";
import { openTextDataset } from "../datasets/open.js";

let folder = "";
const home = "/nonexistent/never-written";
const put = async (path: string, content: string | Uint8Array): Promise<string> => {
  const full = join(folder, path);
  await mkdir(join(full, ".."), { recursive: true });
  await writeFile(full, content);
  return full;
};
const failure = async (source: string): Promise<AtelierError> => {
  const error: unknown = await openTextDataset(source, { home }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!AtelierError.isInstance(error)) throw new Error(`expected a typed error, got ${String(error)}`);
  expect(error.message).not.toContain("\n");
  expect(error.hint).toBeTruthy();
  return error;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-texts-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a file", () => {
  it("is one document, with a card", async () => {
    const path = await put("one/abc.txt", "abc");
    const dataset = await openTextDataset(path, { home });
    const { name, card } = dataset;
    expect(name).toBe("abc.txt");
    expect(await collect(dataset)).toEqual([{ name: "abc.txt", text: "abc" }]);
    expect(card).toEqual({
      name: "abc.txt",
      title: "abc.txt",
      origin: "the user's file abc.txt",
      licence: "not stated",
      // printf 'abc.txt\0abc\0' | sha256sum
      fingerprint: "sha256:9845aadba0e49a43b8614fe6b0c38a25fd6bc1cce9b209ad7b7784b6bb16b203",
      documents: 1,
      bytes: 3,
      characters: 3,
    });
  });

  it("loses its byte order mark and Windows line ends", async () => {
    const path = await put("one/dos.txt", "\ufeffnaïve\r\n😀\r\rx\n");
    const dataset = await openTextDataset(path, { home });
    expect((await collect(dataset))[0]!.text).toBe("naïve\n😀\r\rx\n");
    expect(dataset.card).toMatchObject({ bytes: 15, characters: 11 });
  });
});

it("a folder gives its .txt and .md files in order, without what is hidden", async () => {
  for (const path of [
    "b.md",
    "a/z.txt",
    "a.txt",
    "B.TXT",
    "c.json",
    ".git/x.txt",
    ".hidden.txt",
    "node_modules/p/readme.md",
    "d/.cache/y.txt",
  ]) {
    await put(`many/${path}`, path);
  }
  const seen: number[] = [];
  const dataset = await openTextDataset(join(folder, "many"), { home, onProgress: ({ done }) => seen.push(done) });
  const documents = await collect(dataset);
  expect(documents.map(({ name }) => name)).toEqual(["B.TXT", "a.txt", "a/z.txt", "b.md"]);
  expect(documents.map(({ text }) => text)).toEqual(["B.TXT", "a.txt", "a/z.txt", "b.md"]);
  expect(dataset.card).toMatchObject({ name: "many", origin: "the user's folder many", documents: 4 });
  // Bytes: each file holds its own path.
  expect(seen).toEqual([5, 10, 17, 21]);
});

it("one bad file of a folder is left out and named, and the others are read", async () => {
  await put("mixed/a.txt", "a");
  await put("mixed/binary.txt", Uint8Array.of(65, 0));
  await put("mixed/deep/latin.md", Uint8Array.of(0xe9, 0x20));
  await put("mixed/empty.txt", "");
  await symlink("nowhere.txt", join(folder, "mixed/gone.txt"));
  await put("mixed/rows.jsonl", '{"text":"one"}\n{"text":""}\n{"text":"three"}\n');
  await put("mixed/broken.jsonl", '{"text":"one"}\n{"text":\n');
  await put("mixed/z.txt", "z");
  const dataset = await openTextDataset(join(folder, "mixed"), { home });
  const expected = [
    { name: "a.txt", text: "a" },
    { name: "rows.jsonl:1", text: "one" },
    { name: "rows.jsonl:3", text: "three" },
    { name: "z.txt", text: "z" },
  ];
  expect(await collect(dataset)).toEqual(expected);
  expect(await collect(dataset)).toEqual(expected);
  expect(dataset.card.documents).toBe(4);
  expect(dataset.card.skipped).toEqual([
    { file: "binary.txt", reason: "is not plain text: NUL byte at offset 1" },
    { file: "broken.jsonl", reason: expect.stringMatching(/^line 2 is no JSON/) },
    { file: "deep/latin.md", reason: "is not valid UTF-8: byte 0xe9 at offset 0" },
    { file: "empty.txt", reason: "is empty" },
    { file: "gone.txt", reason: "cannot be read: ENOENT" },
    { file: "rows.jsonl", reason: "1 of 3 rows have no text" },
  ]);
});

describe("bad input", () => {
  it("missing: says so, with the nearest name beside it", async () => {
    await put("one/shakespeare.txt", "x");
    const error = await failure(join(folder, "one/shakespaere.txt"));
    expect(error.code).toBe("FILE_NOT_FOUND");
    expect(error.hint).toContain(join(folder, "one/shakespeare.txt"));
  });

  it("empty, or nothing but a byte order mark", async () => {
    expect((await failure(await put("bad/empty.txt", ""))).code).toBe("EMPTY_TEXT");
    expect((await failure(await put("bad/bom.txt", "\ufeff"))).code).toBe("EMPTY_TEXT");
  });

  it("binary: names the offset, and UTF-16 by name", async () => {
    const error = await failure(await put("bad/image.txt", Uint8Array.of(1, 2, 0, 3)));
    expect(error.code).toBe("BINARY_FILE");
    expect(error.message).toContain("NUL byte at offset 2");
    expect((await failure(await put("bad/utf16.txt", Buffer.from("\ufeffab", "utf16le")))).hint).toContain("UTF-16");
  });

  it("invalid UTF-8: names the byte and its offset in the file, byte order mark included", async () => {
    const error = await failure(
      await put("bad/latin1.txt", Uint8Array.of(0xef, 0xbb, 0xbf, 0x63, 0x61, 0x66, 0xe9, 0x20)),
    );
    expect(error.code).toBe("INVALID_UTF8");
    expect(error.message).toContain("byte 0xe9 at offset 6");
  });

  it("a folder without texts", async () => {
    await put("none/x.json", "{}");
    expect((await failure(join(folder, "none"))).code).toBe("NO_TEXTS");
  });

  it("unreadable: a link that leads to itself, and a folder with nothing but links to nowhere", async () => {
    await symlink("loop.txt", join(folder, "loop.txt"));
    expect((await failure(join(folder, "loop.txt"))).code).toBe("UNREADABLE_FILE");
    await mkdir(join(folder, "linked"));
    await symlink("nowhere.txt", join(folder, "linked/b.txt"));
    const error = await failure(join(folder, "linked"));
    expect(error.code).toBe("NO_TEXTS");
    expect(error.message).toContain("b.txt");
  });

  it("an unknown name: the nearest and the list", async () => {
    const error = await failure("moby-dik");
    expect(error.code).toBe("UNKNOWN_DATASET");
    expect(error.hint).toMatch(/Did you mean moby-dick\? Known datasets: .*moby-dick/);
    expect((await failure("")).code).toBe("UNKNOWN_DATASET");
  });

  it("stops when told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(openTextDataset(join(folder, "many"), { home, signal })).rejects.toThrow("enough");
  });
});
