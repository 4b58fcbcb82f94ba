import { FormatError } from "@atelier/engine/errors";
import { expect, it } from "vitest";
import { readTar } from "./tar.js";

/** A ustar entry written by hand, field by field as POSIX.1-1988 lays them out. */
function entry(path: string, content: string, { prefix = "", kind = "0" } = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write(`${Buffer.byteLength(content).toString(8).padStart(11, "0")}\0`, 124);
  header.write("        ", 148);
  header.write(kind, 156);
  header.write("ustar\x0000", 257);
  header.write(prefix, 345);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const archive = Buffer.concat([
  entry("package/a.txt", "one"),
  entry("package/link.txt", "", { kind: "2" }),
  entry("package/skip.bin", "x".repeat(2000)),
  entry("b.txt", "é".repeat(600), { prefix: "package/deep" }),
  entry("package/empty.txt", ""),
  Buffer.alloc(1024),
]);

it.each([1, 7, 512, 100_000])("reads the wanted files from pieces of %i bytes", async (size) => {
  const files = await readTar(inPieces(archive, size), (path) => path.endsWith(".txt"));
  expect([...files].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)])).toEqual([
    ["a.txt", "one"],
    ["deep/b.txt", "é".repeat(600)],
    ["empty.txt", ""],
  ]);
});

it("refuses damage and a missing end", async () => {
  const damaged = Buffer.from(archive);
  damaged[3]! ^= 1;
  await expect(readTar(inPieces(damaged, 512), () => true)).rejects.toThrow(FormatError);
  await expect(readTar(inPieces(archive.subarray(0, 700), 512), () => true)).rejects.toThrow(/ends in the middle/);
});
