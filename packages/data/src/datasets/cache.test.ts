import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openNamedDataset } from "./cache.js";
import { collect } from "./collect.test-helpers.js";
import type { DatasetDefinition } from "./definition.js";
import { fingerprint } from "./text-dataset.js";

/** A registry of one package, whose answers can be spoilt. */
let server: Server;
let root = "";
let home = "";
let tarball: Buffer;
let mood: "well" | "broken" | "absent" = "well";
let downloads = 0;

const texts = [
  { name: "First", text: "the first text\n" },
  { name: "Second", text: `${"a longer text, é ".repeat(5000)}\n` },
];

const definition = (): DatasetDefinition => ({
  name: "sample",
  title: "A sample",
  origin: "a test",
  licence: "CC0-1.0",
  package: {
    spec: "sample-texts@1.0.0",
    integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
    bytes: tarball.length,
  },
  keep: (path) => path.startsWith("data/"),
  read: (files) => texts.map(({ name }, i) => ({ name, text: new TextDecoder().decode(files.get(`data/${i}.txt`)) })),
  fingerprint: fingerprint(texts),
});

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "atelier-registry-"));
  await mkdir(join(root, "package/data"), { recursive: true });
  await mkdir(join(root, "package/other"));
  await writeFile(
    join(root, "package/package.json"),
    JSON.stringify({ name: "sample-texts", version: "1.0.0", scripts: { install: "touch /tmp/never" } }),
  );
  await writeFile(join(root, "package/other/unwanted.txt"), "unwanted");
  for (const [i, { text }] of texts.entries()) await writeFile(join(root, `package/data/${i}.txt`), text);
  execFileSync("tar", ["czf", join(root, "sample.tgz"), "--format=ustar", "-C", root, "package"]);
  tarball = await readFile(join(root, "sample.tgz"));
  server = createServer((request, response) => {
    const base = `http://${request.headers.host}`;
    if (mood === "absent") response.writeHead(404).end("{}");
    else if (request.url?.endsWith(".tgz")) {
      downloads++;
      response.writeHead(200, { "content-length": tarball.length });
      if (mood === "well") response.end(tarball);
      else response.write(tarball.subarray(0, 200), () => response.destroy());
    } else {
      const dist = { tarball: `${base}/sample-texts/-/sample-texts-1.0.0.tgz` };
      const version = { name: "sample-texts", version: "1.0.0", dist };
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ name: "sample-texts", "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } }),
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  process.env.npm_config_registry = typeof address === "object" ? `http://secret:word@127.0.0.1:${address?.port}/` : "";
  process.env.npm_config_fetch_retries = "0";
});

afterAll(async () => {
  delete process.env.npm_config_registry;
  delete process.env.npm_config_fetch_retries;
  delete process.env.npm_config_cache;
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true, force: true });
});

beforeEach(async () => {
  mood = "well";
  downloads = 0;
  home = await mkdtemp(join(root, "home-"));
  process.env.npm_config_cache = join(home, "npm-cache");
});

const kept = (): Promise<string[]> => readdir(join(home, "datasets"));

it("fetches once, keeps only what is wanted, and reads its copy afterwards", async () => {
  const done: number[] = [];
  const dataset = await openNamedDataset(definition(), { home, onProgress: (progress) => done.push(progress.done) });
  expect(await collect(dataset)).toEqual(texts);
  expect(done.at(-1)).toBe(tarball.length);
  expect(await readdir(join(home, "datasets/sample"))).toEqual(["1-first.txt", "2-second.txt", "dataset.json"]);
  expect(await kept()).toEqual(["sample"]);
  const again = await openNamedDataset(definition(), { home });
  expect(again.card).toEqual(dataset.card);
  expect(await collect(again)).toEqual(texts);
  expect(downloads).toBe(1);
});

it("fetches again where the copy was altered", async () => {
  await openNamedDataset(definition(), { home });
  const file = join(home, "datasets/sample/2-second.txt");
  await writeFile(file, (await readFile(file, "utf8")).replace("longer", "langer"));
  expect(await collect(await openNamedDataset(definition(), { home }))).toEqual(texts);
  expect(await readFile(file, "utf8")).toBe(texts[1]!.text);
});

describe("failures keep nothing and say what to do", () => {
  it("another package than the pinned one", async () => {
    const pinned = definition();
    const other = {
      ...pinned,
      package: { ...pinned.package, integrity: `sha512-${createHash("sha512").update("x").digest("base64")}` },
    };
    await expect(openNamedDataset(other, { home })).rejects.toMatchObject({ code: "INTEGRITY_MISMATCH" });
    expect(await kept()).toEqual([]);
  });

  it("a connection cut in the middle, after which a repetition succeeds", async () => {
    mood = "broken";
    await expect(openNamedDataset(definition(), { home })).rejects.toMatchObject({ code: "DOWNLOAD_FAILED" });
    expect(await kept()).toEqual([]);
    mood = "well";
    expect(await collect(await openNamedDataset(definition(), { home }))).toEqual(texts);
  });

  it("a registry without the package, its credentials unspoken", async () => {
    mood = "absent";
    const error: unknown = await openNamedDataset(definition(), { home }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "DOWNLOAD_FAILED", message: expect.stringContaining("E404") });
    expect(JSON.stringify(error) + String(error)).not.toContain("word");
  });

  it("documents that are not the pinned ones", async () => {
    const wrong = { ...definition(), fingerprint: fingerprint([]) };
    await expect(openNamedDataset(wrong, { home })).rejects.toMatchObject({ code: "INTEGRITY_MISMATCH" });
    expect(await kept()).toEqual([]);
  });

  it("a home that cannot be written, before anything is fetched", async () => {
    await writeFile(join(home, "file"), "");
    await expect(openNamedDataset(definition(), { home: join(home, "file") })).rejects.toMatchObject({
      code: "CACHE_UNWRITABLE",
    });
    expect(downloads).toBe(0);
  });

  it("an abort", async () => {
    const controller = new AbortController();
    const opening = openNamedDataset(definition(), {
      home,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(opening).rejects.toThrow("enough");
    expect(await kept()).toEqual([]);
  });
});
