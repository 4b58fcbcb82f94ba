import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTextDataset } from "./open.js";

let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "atelier-sources-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

// The definitions pin the fingerprints of these documents; the numbers are those of a count with other tools.
it.each([
  ["rxjs", 241, 794_378, "src/internal/operators/map.ts", "export function map<T, R>("],
  ["effect", 545, 16_179_889, "src/Option.ts", "export type Option<A> = None<A> | Some<A>"],
])("fetches the sources of %s from npm (needs a network)", async (name, count, bytes, file, line) => {
  const dataset = await openTextDataset(name, { home });
  expect([dataset.card.documents, dataset.card.bytes]).toEqual([count, bytes]);
  const names: string[] = [];
  for await (const { name, text } of dataset.documents()) {
    if (names.at(-1) !== name) names.push(name);
    if (name === file) expect(text).toContain(line);
    expect(text).not.toMatch(/\r|\ufffd/);
  }
  expect(names).toContain(file);
  expect(names).toEqual([...names].sort());
});
