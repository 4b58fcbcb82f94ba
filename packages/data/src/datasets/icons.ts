/**
 * The icons of game-icons.net as @iconify-json/game-icons 1.2.4 has them: 4,134 silhouettes in one style, black on white, the name of each
 * as its caption. Chosen over sets of companies' logos, which are trade marks.
 */
import { z } from "zod";
import { jsonFile } from "./package-file.js";
import type { NamedPicture, PackagedPictures } from "./picture-definition.js";
import { svgFile } from "./svg.js";

const index = "icons.json";
const schema = z.object({
  icons: z.record(z.string().regex(/^[a-z0-9-]+$/), z.object({ body: z.string().min(1) })),
  width: z.int().positive(),
  height: z.int().positive(),
});

function read(files: ReadonlyMap<string, Uint8Array> = new Map()): NamedPicture[] {
  const { icons, width, height } = jsonFile(files, index, schema);
  return Object.keys(icons)
    .sort()
    .map((name) => ({
      file: `${name}.svg`,
      bytes: svgFile(`0 0 ${width} ${height}`, icons[name]!.body.replaceAll("currentColor", "black")),
      caption: name.replaceAll("-", " "),
    }));
}

export const icons: PackagedPictures = {
  kind: "pictures",
  name: "icons",
  title: "Game icons: silhouettes of things, beings and actions",
  origin: "npm package @iconify-json/game-icons@1.2.4; drawings by Lorc, Delapouite and others (game-icons.net)",
  licence: "CC-BY-3.0: name game-icons.net and its authors",
  packages: [
    {
      spec: "@iconify-json/game-icons@1.2.4",
      integrity: "sha512-/HDDZxowXgDJcOEwPspUCq5RuDdl25OyZKdtxqqiPJQNTrWIym7r4StLzIVs77DyNzOWWhH5wDqwYR3WHeDfkg==",
      bytes: 2_739_244,
      keep: (path) => path === index,
    },
  ],
  read,
  fingerprint: "sha256:abbb9c6cdab835acd62bc45ef259af48584e7f47ff0c3607faa33269c7887a5a",
};
