import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { imageSettingsSchema } from "./image-settings.js";
import { loadPicturesBeside } from "./load-beside.js";
import { loadPictures } from "./load-pictures.js";
import { openPictures } from "./open.js";
import { fill, plain, png, ramp } from "./pictures.test-helpers.js";

let root = "";
let folder = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "atelier-load-"));
  folder = await fill(join(root, "pictures"), {
    "x/a.png": await png(plain(9, 5, 1, 2, 3)),
    "x/a.txt": "A",
    "y/b.png": await png(ramp(4, 4, 3)),
    "y/c.png": "broken",
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const settings = imageSettingsSchema.parse({ size: 4 });
const cached = (home: string) => readdir(join(home, "cache", "pictures"));

it("decodes once, and finds it again with all that is known", async () => {
  const home = join(root, "home");
  const dataset = await openPictures(folder, { home });
  let decoded = 0;
  const load = (given = settings) => loadPictures(dataset, given, { home, onProgress: () => decoded++ });
  const first = await load();
  expect(decoded).toBe(3);
  const again = await load();
  expect(decoded).toBe(3);
  for (const { set, skipped, fingerprint } of [first, again]) {
    expect([set.names, set.classes, [...set.labels], set.captions, [...set.originals]]).toEqual([
      ["x/a.png", "y/b.png"],
      ["x", "y"],
      [0, 1],
      ["A", undefined],
      [9, 5, 4, 4],
    ]);
    expect(set.picture(1).data).toEqual(ramp(4, 4, 3).data);
    expect(skipped).toEqual([{ file: "y/c.png", reason: "is no picture of a known format" }]);
    expect(fingerprint).toBe(first.fingerprint);
  }
  await load(imageSettingsSchema.parse({ size: 4, filter: "nearest" }));
  expect(decoded).toBe(6);
  expect(await cached(home)).toHaveLength(2);
});

it("decodes again where the copy was damaged", async () => {
  const home = join(root, "damaged");
  const dataset = await openPictures(folder, { home });
  const { fingerprint } = await loadPictures(dataset, settings, { home });
  const [key] = await cached(home);
  await truncate(join(home, "cache", "pictures", key!, "pixels"), 10);
  const again = await loadPictures(dataset, settings, { home });
  expect(again.fingerprint).toBe(fingerprint);
  expect(again.set.picture(0).data).toHaveLength(48);
});

it("leaves nothing half-made, and says where nothing can be kept", async () => {
  const home = join(root, "aborted");
  const dataset = await openPictures(folder, { home });
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error("enough"));
  await expect(loadPictures(dataset, settings, { home, signal: controller.signal, onProgress })).rejects.toThrow(
    "enough",
  );
  expect(await cached(home)).toEqual([]);
  await writeFile(join(root, "file"), "");
  await expect(loadPictures(dataset, settings, { home: join(root, "file") })).rejects.toMatchObject({
    code: "CACHE_UNWRITABLE",
  });
});

it("decodes in another thread while this one is held up, to the same pictures", async () => {
  const home = join(root, "beside");
  const many = Array.from({ length: 100 }, (_, i) => ({ picture: ramp(32, 32, 3, i), name: `${i}` }));
  const pictures = await Promise.all(
    many.map(async ({ picture, name }) => ({ picture: new Uint8Array(await png(picture)), name })),
  );
  let done = 0;
  const loading = loadPicturesBeside({ pictures }, settings, {
    home,
    onProgress: (progress) => (done = progress.done),
  });
  // As a training step would, but for as long as it takes: only the cache tells what the other thread has done.
  const finished = async () => (await cached(home).catch(() => [])).some((name) => !name.startsWith("."));
  while (!(await finished())) for (const until = performance.now() + 50; performance.now() < until; );
  const { decoded, card } = await loading;
  const here = await loadPictures(await openPictures({ pictures }, { home }), settings, { home: join(root, "here") });
  expect([card.pictures, done, decoded.set.length]).toEqual([100, 100, 100]);
  expect(decoded.fingerprint).toBe(here.fingerprint);
});

it("brings errors of the other thread back with their codes, and stops when it is told to", async () => {
  const home = join(root, "errors");
  await expect(loadPicturesBeside(join(root, "pictured"), settings, { home })).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    hint: `Did you mean ${folder}?`,
  });
  const aborted = loadPicturesBeside(folder, settings, { home, signal: AbortSignal.timeout(1) });
  await expect(aborted).rejects.toMatchObject({ name: "TimeoutError" });
});
