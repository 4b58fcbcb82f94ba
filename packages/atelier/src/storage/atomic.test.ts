import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readWhole, removeLeftovers, writeAtomic } from "./atomic.js";
import { bundleForNode, start, startNode } from "./child-process.test-helpers.js";
import { DiskFullError, explainWriteError, NotFoundError, StorageError, UnwritableError } from "./errors.js";
import { atelierHome, homeFolder } from "./home.js";

let script: string;
const root = mkdtempSync(join(tmpdir(), "atelier-atomic-"));
let folder: string;
beforeAll(async () => {
  script = await bundleForNode(new URL("storage-child.test-helpers.ts", import.meta.url));
  chmodSync(root, 0o755);
});
beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("writeAtomic", () => {
  it("writes chunks one after another and replaces what was there", async () => {
    const path = join(folder, "file");
    await writeAtomic(path, "old");
    await writeAtomic(path, [new Uint8Array([65, 66]), "é", new Uint8Array(0)]);
    expect(readFileSync(path, "utf8")).toBe("ABé");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("leaves the old file when producing the new one fails", async () => {
    const path = join(folder, "file");
    await writeAtomic(path, "old");
    function* failing(): Generator<string> {
      yield "new";
      throw new RangeError("no more");
    }
    await expect(writeAtomic(path, failing())).rejects.toThrow(RangeError);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("says that a folder is missing", async () => {
    await expect(writeAtomic(join(folder, "no", "file"), "x")).rejects.toThrow(/folder does not exist/);
  });

  it("under a real limit on file size: a typed error, the old file intact, nothing left over", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "old");
    const limited = start("sh", ["-c", `ulimit -f 8; exec "${process.execPath}" "${script}" write "${path}" 1000000`]);
    const { stdout, code } = await limited.finished;
    expect(stdout).toMatch(/^DISK_FULL: cannot write .*file: the file would exceed the size limit/);
    expect(code).toBe(1);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("on a really full disk: the same", async (context) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
    if (mounted.status !== 0) return context.skip("a small file system cannot be mounted here (it takes root)");
    try {
      const path = join(disk, "file");
      writeFileSync(path, "old");
      await expect(writeAtomic(path, [new Uint8Array(1_000_000)])).rejects.toThrow(DiskFullError);
      expect(readFileSync(path, "utf8")).toBe("old");
      expect(readdirSync(disk)).toEqual(["file"]);
      spawnSync("mount", ["-o", "remount,ro", disk]);
      await expect(writeAtomic(path, "new")).rejects.toThrow(/read-only/);
      await expect(homeFolder(disk, "runs")).rejects.toThrow(UnwritableError);
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  it("in a folder of somebody else's: UnwritableError", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "old");
    chmodSync(folder, 0o555);
    // Root may write anywhere: become nobody. The script is handed over on standard input, as nobody may not read it either.
    const root = process.getuid?.() === 0;
    const child = startNode("-", ["write", path, "10"], root ? { uid: 65534, gid: 65534 } : {});
    child.process.stdin.end(readFileSync(script));
    const { stdout, stderr } = await child.finished;
    expect(stdout + stderr).toMatch(/^UNWRITABLE: cannot write .*: permission denied/);
    expect(readFileSync(path, "utf8")).toBe("old");
    chmodSync(folder, 0o755);
  });

  it("killed at any moment, the file is one of those written, whole", async () => {
    const path = join(folder, "file");
    for (let round = 0; round < 4; round++) {
      const child = startNode(script, ["write-forever", path, "300000"]);
      await child.printed("started");
      await sleep(7 * round);
      child.process.kill("SIGKILL");
      await child.finished;
      const contents = readFileSync(path);
      expect(contents.length).toBe(300_000);
      expect(contents.every((byte) => byte === contents[0])).toBe(true);
    }
    await removeLeftovers(folder);
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});

it("names each cause", () => {
  const system = (code: string): Error => Object.assign(new Error(code), { code });
  for (const code of ["ENOSPC", "EDQUOT", "EFBIG"])
    expect(explainWriteError(system(code), "f")).toBeInstanceOf(DiskFullError);
  for (const code of ["EACCES", "EPERM", "EROFS", "ENOTDIR"]) {
    expect(explainWriteError(system(code), "f")).toBeInstanceOf(UnwritableError);
  }
  expect(explainWriteError(system("EIO"), "f")).toBeInstanceOf(StorageError);
  const other = new TypeError("ours");
  expect(explainWriteError(other, "f")).toBe(other);
});

describe("readWhole", () => {
  it("reads bytes, and says what is missing or cannot be read", async () => {
    writeFileSync(join(folder, "file"), "abc");
    expect(await readWhole(join(folder, "file"))).toEqual(new Uint8Array([97, 98, 99]));
    await expect(readWhole(join(folder, "none"))).rejects.toThrow(NotFoundError);
    await expect(readWhole(folder)).rejects.toThrow(/it is a folder/);
  });
});

describe("home", () => {
  it("is $ATELIER_HOME, or .atelier here", () => {
    expect(atelierHome({ ATELIER_HOME: "/some/where" })).toBe("/some/where");
    expect(atelierHome({ ATELIER_HOME: "" })).toBe(join(process.cwd(), ".atelier"));
    expect(atelierHome({})).toBe(join(process.cwd(), ".atelier"));
  });

  it("is created on demand; where it cannot be, the error says so and what to do", async () => {
    expect(readdirSync(await homeFolder(join(folder, "home"), "runs"))).toEqual([]);
    writeFileSync(join(folder, "file"), "");
    const refused = await homeFolder(join(folder, "file"), "runs").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnwritableError);
    expect(refused).toMatchObject({ hint: expect.stringContaining("ATELIER_HOME") });
  });
});
