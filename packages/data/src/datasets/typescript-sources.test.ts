import { FormatError } from "@atelier/engine/errors";
import { expect, it } from "vitest";
import { effect } from "./effect.js";
import { rxjs } from "./rxjs.js";

const utf8 = new TextEncoder();
const packed = (files: Record<string, string>): Map<string, Uint8Array> =>
  new Map(Object.entries(files).map(([path, text]) => [path, utf8.encode(text)]));

const map =
  "import { operate } from '../util/lift';\n\n/** Projects. */\nexport function map() {\n  return operate(1);\n}\n";

it("makes one document of a file, named by its path, in order", () => {
  const files = packed({ "src/internal/operators/map.ts": map, "src/a.ts": "export const größe = 1;\n" });
  expect(rxjs.read(files)).toEqual([
    { name: "src/a.ts", text: "export const größe = 1;\n" },
    { name: "src/internal/operators/map.ts", text: map },
  ]);
});

it("leaves out what only re-exports other files", () => {
  const barrels = {
    "src/index.ts":
      "/* Types */\n/// <reference lib='x' />\nexport { a } from './a'; // a\nexport type { B } from './b';\n",
    "src/ai/index.ts":
      '/** @since 4 */\n\n// @barrel: export\nexport * as Tool from "./Tool.ts"\n\nexport * from "./b.ts"\n',
    "src/only.ts": "import {\n  a,\n  b,\n} from './a';\nexport { c } from './c';\n",
    "src/kept.ts": "import { a } from './a';\nexport const b = a;\n",
  };
  expect(effect.read(packed(barrels)).map(({ name }) => name)).toEqual(["src/kept.ts"]);
});

it("takes sources alone, without what is generated or a mere alias", () => {
  const kept = (paths: string[], { keep }: typeof rxjs) => paths.filter(keep);
  expect(kept(["package.json", "dist/a.ts", "src/a.ts", "src/a.d.ts", "src/b.json"], rxjs)).toEqual(["src/a.ts"]);
  expect(kept(["src/internal/operators/flatMap.ts", "src/internal/operators/map.ts"], rxjs)).toEqual([
    "src/internal/operators/map.ts",
  ]);
  expect(kept(["src/http-api/internal/httpApiScalar.ts", "src/Option.ts"], effect)).toEqual(["src/Option.ts"]);
});

it("refuses a package without sources, and one with other bytes than text", () => {
  expect(() => rxjs.read(packed({}))).toThrow(FormatError);
  expect(() => rxjs.read(new Map([["src/a.ts", Uint8Array.of(0xff)]]))).toThrow("src/a.ts is not UTF-8");
});
