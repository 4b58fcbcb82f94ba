/**
 * Emoji of several hands as the packages emoji-datasource-* 16.0.0 have them: PNG of 64×64 pixels, described by emoji.json and the keywords
 * of emojilib 4.0.3, in the subgroups of Unicode. Variants by skin tone are in, so that there are 3,786 pictures of each; their captions
 * name the tone. The same emoji drawn by somebody else is what a model that learnt from one hand can be judged by.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { captionOf } from "./emoji.js";
import { jsonFile } from "./package-file.js";
import type { NamedPicture, PackagedPictures } from "./picture-definition.js";

const index = "emoji.json";
const keywords = "dist/emoji-en-US.json";

const variantSchema = z.object({
  image: z.string().regex(/^[0-9a-f-]+\.png$/),
  has_img_google: z.boolean(),
  has_img_twitter: z.boolean(),
});
const schema = z
  .array(
    variantSchema.extend({
      name: z.string().nullable(),
      short_name: z.string().min(1),
      unified: z.string().min(1),
      subcategory: z.string().min(1),
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

type Vendor = "google" | "twitter";

const read =
  (vendor: Vendor) =>
  (
    files: ReadonlyMap<string, Uint8Array> = new Map(),
    library: ReadonlyMap<string, Uint8Array> = new Map(),
  ): NamedPicture[] => {
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
        .filter((variant) => variant[`has_img_${vendor}`])
        .map(({ image, caption }): NamedPicture => {
          const path = folderOf(vendor) + image;
          const bytes = files.get(path);
          if (bytes === undefined) throw new FormatError(`The package has no ${path}`);
          return { file: image, bytes, label: each.subcategory, caption };
        });
    });
  };

const folderOf = (vendor: Vendor): string => `img/${vendor}/64/`;

const emojiDatasource = (
  vendor: Vendor,
  package_: { readonly integrity: string; readonly bytes: number },
  about: Pick<PackagedPictures, "name" | "title" | "licence" | "fingerprint"> & { readonly art: string },
): PackagedPictures => {
  const { art, ...rest } = about;
  return {
    kind: "pictures",
    ...rest,
    origin: `npm packages emoji-datasource-${vendor}@16.0.0, folder img/${vendor}/64, and emojilib@4.0.3; art by ${art}`,
    packages: [
      {
        spec: `emoji-datasource-${vendor}@16.0.0`,
        ...package_,
        keep: (path) => path === index || path.startsWith(folderOf(vendor)),
      },
      {
        spec: "emojilib@4.0.3",
        integrity: "sha512-KbWiYre9aRSaPbHrHZIz9zmoM+21LAsK1VFJtnTh1VCtWE/rNMDviGhQTmselFl95dhqtGlY22iH0leG5BuW0g==",
        bytes: 53_353,
        keep: (path) => path === keywords,
      },
    ],
    read: read(vendor),
  };
};

export const notoEmoji = emojiDatasource(
  "google",
  {
    integrity: "sha512-ZRexfzs7MVoLnmzZmNsO4TKhnAJp5D++Vm6PpUpH/jEQQlemp3l88CjZ+DoZ2faM9R4QxZkOPJCoT8DlPhfQ3A==",
    bytes: 74_344_091,
  },
  {
    name: "noto-emoji",
    title: "Noto Emoji: Google's emoji at 64×64 pixels, with keywords",
    art: "Google (Noto Emoji)",
    licence: "art: Apache-2.0 (Noto Emoji, Google), flags largely public domain; packages: MIT",
    fingerprint: "sha256:5e17d4f8402ced49643c52b98749581c2b85b818a7ce365cf02a98802a9efec7",
  },
);

export const twemoji = emojiDatasource(
  "twitter",
  {
    integrity: "sha512-7F+uCuHH+7Qnrc15P5tnbvKkg9E6tlzi4MnT2uW1RlN4pLYTza6cP/dstIfSDMtpjFLWuZewWg8jBbuL2eyELQ==",
    bytes: 61_683_754,
  },
  {
    name: "twemoji",
    title: "Twemoji: Twitter's emoji at 64×64 pixels, with keywords",
    art: "Twitter and other contributors (Twemoji)",
    licence: "art: CC-BY-4.0: name Twemoji; packages: MIT",
    fingerprint: "sha256:c93b9876845f9818f30972186790bbedac5fbf32494ae2bda2d7483948763288",
  },
);
