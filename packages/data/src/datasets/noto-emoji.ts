/**
 * Google's Noto emoji as the package emoji-datasource-google 16.0.0 has them: PNG of 64×64 pixels, described by emoji.json and the
 * keywords of emojilib 4.0.3. Variants by skin tone are in, so that there are 3,786 pictures; their captions name the tone.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { captionOf } from "./emoji.js";
import { jsonFile } from "./package-file.js";
import type { NamedPicture, PackagedPictures } from "./picture-definition.js";

const index = "emoji.json";
const keywords = "dist/emoji-en-US.json";
const pictures = "img/google/64/";

const variantSchema = z.object({ image: z.string().regex(/^[0-9a-f-]+\.png$/), has_img_google: z.boolean() });
const schema = z
  .array(
    variantSchema.extend({
      name: z.string().nullable(),
      short_name: z.string().min(1),
      unified: z.string().min(1),
      category: z.string().min(1),
      skin_variations: z.record(z.string(), variantSchema).optional(),
    }),
  )
  .min(1);

const tones: Readonly<Record<string, string>> = {
  "1F3FB": "light",
  "1F3FC": "medium-light",
  "1F3FD": "medium",
  "1F3FE": "medium-dark",
  "1F3FF": "dark",
};

const toneOf = (variant: string): string => {
  const named = variant.split("-").map((code) => tones[code] ?? "unknown");
  return `${[...new Set(named)].join(" and ")} skin`;
};

const characters = (unified: string): string =>
  String.fromCodePoint(...unified.split("-").map((code) => Number.parseInt(code, 16)));

/** Keywords as words; emoticons like ":D" are none. */
const words = (keys: readonly string[]): string[] =>
  keys.filter((key) => /^[\p{L}\p{N}][\p{L}\p{N}_' -]+$/u.test(key)).map((key) => key.replaceAll("_", " ").trim());

function read(
  files: ReadonlyMap<string, Uint8Array> = new Map(),
  library: ReadonlyMap<string, Uint8Array> = new Map(),
): NamedPicture[] {
  const known = jsonFile(library, keywords, z.record(z.string(), z.array(z.string())));
  return jsonFile(files, index, schema).flatMap((each) => {
    const character = characters(each.unified);
    const keys = words(known[character] ?? known[character.replaceAll("\ufe0f", "")] ?? []);
    const [first = each.short_name.replace(/[_-]/g, " "), ...rest] = keys;
    const caption = captionOf(first, rest);
    const variants = Object.entries(each.skin_variations ?? {});
    return [
      { ...each, caption },
      ...variants.map(([tone, variant]) => ({ ...variant, caption: `${caption}, ${toneOf(tone)}` })),
    ]
      .filter((variant) => variant.has_img_google)
      .map(({ image, caption }): NamedPicture => {
        const bytes = files.get(pictures + image);
        if (bytes === undefined) throw new FormatError(`The package has no ${pictures}${image}`);
        return { file: image, bytes, label: each.category, caption };
      });
  });
}

export const notoEmoji: PackagedPictures = {
  kind: "pictures",
  name: "noto-emoji",
  title: "Noto Emoji: Google's emoji at 64×64 pixels, with keywords",
  origin:
    "npm packages emoji-datasource-google@16.0.0, folder img/google/64, and emojilib@4.0.3; art by Google (Noto Emoji)",
  licence: "art: Apache-2.0 (Noto Emoji, Google), flags largely public domain; packages: MIT",
  packages: [
    {
      spec: "emoji-datasource-google@16.0.0",
      integrity: "sha512-ZRexfzs7MVoLnmzZmNsO4TKhnAJp5D++Vm6PpUpH/jEQQlemp3l88CjZ+DoZ2faM9R4QxZkOPJCoT8DlPhfQ3A==",
      bytes: 74_344_091,
      keep: (path) => path === index || path.startsWith(pictures),
    },
    {
      spec: "emojilib@4.0.3",
      integrity: "sha512-KbWiYre9aRSaPbHrHZIz9zmoM+21LAsK1VFJtnTh1VCtWE/rNMDviGhQTmselFl95dhqtGlY22iH0leG5BuW0g==",
      bytes: 53_353,
      keep: (path) => path === keywords,
    },
  ],
  read,
  fingerprint: "sha256:c4afc864604a3d544543814e3e3fefcb2d3831bf5f8aa907896edb98a46c7f48",
};
