/** The flags of the world's countries (svg-country-flags 1.2.10, from Wikimedia Commons), each with the country's name as the caption. */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { jsonFile } from "./package-file.js";
import type { NamedPicture, PackagedPictures } from "./picture-definition.js";

const index = "countries.json";
const flag = /^svg\/([a-z-]+)\.svg$/;

function read(files: ReadonlyMap<string, Uint8Array> = new Map()): NamedPicture[] {
  const countries = jsonFile(files, index, z.record(z.string(), z.string().min(1)));
  const pictures = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, bytes]): NamedPicture[] => {
      const code = flag.exec(path)?.[1];
      if (code === undefined) return [];
      const country = countries[code.toUpperCase()];
      return [{ file: `${code}.svg`, bytes, ...(country === undefined ? {} : { caption: `flag of ${country}` }) }];
    });
  if (pictures.length === 0) throw new FormatError("The package has no flags");
  return pictures;
}

export const flags: PackagedPictures = {
  kind: "pictures",
  name: "flags",
  title: "Flags of the world's countries",
  origin: "npm package svg-country-flags@1.2.10, folder svg; drawings from Wikimedia Commons",
  licence: "public domain (flags are not under copyright; what they may be used for can be restricted otherwise)",
  packages: [
    {
      spec: "svg-country-flags@1.2.10",
      integrity: "sha512-xrqwo0TYf/h2cfPvGpjdSuSguUbri4vNNizBnwzoZnX0xGo3O5nGJMlbYEp7NOYcnPGBm6LE2axqDWSB847bLw==",
      bytes: 6_213_920,
      keep: (path) => path === index || flag.test(path),
    },
  ],
  read,
  fingerprint: "sha256:bd1b5e876c22fae643c87474005c8e25c7a334f609aa443d28b7a6aa5f6ceb65",
};
