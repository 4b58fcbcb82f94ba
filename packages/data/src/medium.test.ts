import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mediumOf } from "./medium.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-medium-"));
  for (const [path, text] of [
    ["notes/a.txt", "text"],
    ["photos/a.png", ""],
    ["photos/b.JPG", ""],
    ["photos/a.txt", "a caption"],
    ["list.csv", "file,caption\nphotos/a.png,red"],
    ["posts.csv", "title,body\none,two"],
  ] as const) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("mediumOf", () => {
  it("knows named datasets, and what a program has in hand", async () => {
    expect(await mediumOf("moby-dick")).toBe("text");
    expect(await mediumOf("fashion-mnist")).toBe("pictures");
    expect(await mediumOf({ documents: ["text"] })).toBe("text");
    expect(await mediumOf({ pictures: [] })).toBe("pictures");
  });

  it.each([
    ["notes", "text"],
    ["photos", "pictures"],
    ["list.csv", "pictures"],
    ["posts.csv", "text"],
    ["nowhere", "text"],
  ])("looks at what lies at a path: %s is %s", async (name, medium) => {
    expect(await mediumOf(join(folder, name))).toBe(medium);
    expect(await mediumOf({ path: join(folder, name) })).toBe(medium);
  });

  it("takes a list for pictures only where all of it is", async () => {
    expect(await mediumOf(["flags", join(folder, "photos")])).toBe("pictures");
    expect(await mediumOf(["flags", "moby-dick"])).toBe("text");
  });
});
