/**
 * Chinese characters of hanzi-writer-data 2.0.1, which has them stroke by stroke (from the Make Me a Hanzi project, derived from Arphic's
 * fonts): drawn black on white, an MNIST-like set of some 9,570 glyphs, each with its character as the caption. Classes are the number
 * of strokes.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { jsonFile } from "./package-file.js";
import type { NamedPicture, PackagedPictures } from "./picture-definition.js";
import { svgFile } from "./svg.js";

const glyph = /^\p{Script=Han}\.json$/u;
const schema = z.object({ strokes: z.array(z.string().regex(/^[MLQCZ0-9 .-]+$/)).min(1) });

function read(files: ReadonlyMap<string, Uint8Array> = new Map()): NamedPicture[] {
  const paths = [...files.keys()].filter((path) => glyph.test(path)).sort();
  if (paths.length === 0) throw new FormatError("The package has no characters");
  return paths.map((path) => {
    const { strokes } = jsonFile(files, path, schema);
    const character = path.replace(/\.json$/, "");
    // Their box is 1024 wide and high, y pointing up, the baseline at 124 (the project's README).
    const body = `<g transform="matrix(1 0 0 -1 0 900)"><path d="${strokes.join(" ")}"/></g>`;
    const code = character.codePointAt(0)!.toString(16).toUpperCase();
    return {
      file: `${code}.svg`,
      bytes: svgFile("0 0 1024 1024", body),
      label: String(strokes.length),
      caption: character,
    };
  });
}

export const hanzi: PackagedPictures = {
  kind: "pictures",
  name: "hanzi",
  title: "Chinese characters drawn from their strokes",
  origin: "npm package hanzi-writer-data@2.0.1; from Make Me a Hanzi and Arphic Technology's fonts",
  licence: "Arphic Public License (ARPHICPL.TXT in the package)",
  packages: [
    {
      spec: "hanzi-writer-data@2.0.1",
      integrity: "sha512-nbQwM+MaryGoq7pBMIZLCd3lFq03nXuJuwku1+6UbjL58uU+9OULVcMkoNvNuJSoIV7f1bbPRfD4D/LQa5S7qg==",
      bytes: 13_484_680,
      keep: (path) => glyph.test(path),
    },
  ],
  read,
  fingerprint: "sha256:3ff63116b4c524b0ba881ba15866668530e1e3c74258b544c7705b40a14b987b",
};
