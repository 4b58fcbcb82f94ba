import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RandomKey } from "@atelier/engine/random";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { TokenStream } from "./batches.js";
import { TokenFile, writeTokenFile } from "./token-file.js";

const folder = mkdtempSync(join(tmpdir(), "atelier-tokens-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  [65_536, 2],
  [65_537, 4],
])("a file for a vocabulary of %i", (vocabulary, bytes) => {
  const path = join(folder, String(vocabulary));
  const ids = Int32Array.from({ length: 5000 }, (_, i) => RandomKey.fromSeed(i).integer(vocabulary));
  ids[7] = vocabulary - 1;
  const written = writeTokenFile(path, [ids.subarray(0, 10), ids.subarray(10, 10), ids.subarray(10)], vocabulary);

  it("gives the same windows as memory, to the bit", async () => {
    expect(await written).toBe(ids.length);
    expect(statSync(path).size).toBe(ids.length * bytes);
    const file = new TokenFile(path, { vocabulary, length: ids.length });
    fc.assert(
      fc.property(fc.integer({ min: -6000, max: 6000 }), fc.integer({ min: -6000, max: 6000 }), (from, to) => {
        expect(file.read(from, to)).toEqual(ids.slice(from, to));
      }),
    );
    const stored = new TokenStream(file);
    const held = new TokenStream(ids);
    const key = RandomKey.fromSeed(5);
    expect(stored.sample(key, 8, 32)).toEqual(held.sample(key, 8, 32));
    expect(stored.rows(key, 3, 5000)).toEqual(held.rows(key, 3, 5000));
    expect([...stored.windows(64, 4)]).toEqual([...held.windows(64, 4)]);
  });

  it("is refused where its length is another", async () => {
    await written;
    appendFileSync(path, "x");
    expect(() => new TokenFile(path, { vocabulary, length: ids.length })).toThrow(
      expect.objectContaining({ code: "BAD_FORMAT", message: expect.stringContaining(`not ${ids.length * bytes}`) }),
    );
  });
});
