/**
 * OpenMoji 17.0.0 (https://openmoji.org), drawn by students and staff of the HfG Schwäbisch Gmünd and contributors: one house style, the
 * best captions. Left out: variants of a person by skin tone (2,030, which differ from the plain yellow figure in a colour), so that
 * people do not outnumber everything else; and logos of companies, which are trade marks. Flags and OpenMoji's own additions stay; classes are Unicode's groups and the two of extras.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { jsonFile } from "./package-file.js";
import type { NamedPicture, PackagedPictures } from "./picture-definition.js";

const index = "data/openmoji.json";

const schema = z
  .array(
    z.object({
      hexcode: z.string().regex(/^[0-9A-F-]+$/),
      group: z.string().min(1),
      subgroups: z.string(),
      annotation: z.string().min(1),
      tags: z.string(),
      openmoji_tags: z.string(),
      skintone: z.union([z.string(), z.number()]),
    }),
  )
  .min(1);

/** The annotation, then the tags that say something more, each once: "grinning face: cheerful, cheery, happy". */
export function captionOf(annotation: string, tags: readonly string[]): string {
  const said = new Set(annotation.toLowerCase().split(/[^\p{L}\p{N}]+/u));
  const more = new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== "" && !said.has(tag.toLowerCase())));
  return more.size === 0 ? annotation : `${annotation}: ${[...more].join(", ")}`;
}

function read(files: ReadonlyMap<string, Uint8Array> = new Map()): NamedPicture[] {
  return jsonFile(files, index, schema)
    .filter(({ skintone, subgroups }) => skintone === "" && subgroups !== "brand")
    .map(({ hexcode, subgroups, annotation, tags, openmoji_tags }) => {
      const bytes = files.get(`color/svg/${hexcode}.svg`);
      if (bytes === undefined) throw new FormatError(`The package has no color/svg/${hexcode}.svg`);
      const caption = captionOf(annotation, `${tags},${openmoji_tags}`.split(","));
      return { file: `${hexcode}.svg`, bytes, label: subgroups, caption };
    });
}

export const emoji: PackagedPictures = {
  kind: "pictures",
  name: "emoji",
  title: "OpenMoji: emoji in one style of line and colour, with descriptions",
  origin:
    "npm package openmoji@17.0.0, folder color/svg and data/openmoji.json; art by the OpenMoji project (openmoji.org)",
  licence: "CC-BY-SA-4.0: name OpenMoji, and share what is adapted from it under the same licence",
  packages: [
    {
      spec: "openmoji@17.0.0",
      integrity: "sha512-EBnYrNGdcdw+OSXmENeNE1yBNRu6tOraTmoOyUbJkTmvT/+XETp8RZLSJFzD3lrPc5N9CzsyPnRTk0Vp4UaI9w==",
      bytes: 4_339_458,
      keep: (path) => path === index || /^color\/svg\/[0-9A-F-]+\.svg$/.test(path),
    },
  ],
  read,
  fingerprint: "sha256:b6c7182b663a664883e2e3be4d45b3784229e75995f52ab93a2578e836ea6b4e",
};
