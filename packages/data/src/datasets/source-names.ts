/** What sources of texts and of pictures have in common: a name that is known or a path, and one card for several. */
import { stat } from "node:fs/promises";
import { nearest } from "@atelier/engine/nearest";
import { UnknownDatasetError } from "../errors.js";
import type { DatasetOrigin } from "./text-dataset.js";

/** Something with a slash, a leading dot or an ending is meant as a path, also where nothing is there. */
const looksLikePath = (source: string): boolean => /[\\/]|^[.~]|\.\w+$/.test(source);

/**
 * The path that a word means which is no known name.
 * @param names the known ones. @param otherwise what else could have been given: "the path of a text file or a folder".
 * @throws UnknownDatasetError where it looks like a name and nothing is at that path.
 */
export async function pathMeant(source: string, names: readonly string[], otherwise: string): Promise<string> {
  const exists =
    source !== "" &&
    (await stat(source).then(
      () => true,
      () => false,
    ));
  if (exists || looksLikePath(source)) return source;
  const similar = nearest(source, names);
  throw new UnknownDatasetError(`There is no dataset ${JSON.stringify(source)}, and no file or folder of that name`, {
    hint: `${similar === undefined ? "" : `Did you mean ${similar}? `}Known datasets: ${names.join(", ")}; or give ${otherwise}.`,
  });
}

/** The origin of several sources together, and a name for each that no other has. */
export function joinOrigins(origins: readonly DatasetOrigin[]): {
  readonly names: readonly string[];
  readonly origin: DatasetOrigin;
} {
  const joined = (of: (origin: DatasetOrigin) => string, by: string): string => [...new Set(origins.map(of))].join(by);
  const names = origins.map(({ name }, i) => {
    const taken = origins.slice(0, i).filter((other) => other.name === name).length;
    return taken === 0 ? name : `${name} (${taken + 1})`;
  });
  return {
    names,
    origin: {
      name: names.join(" + "),
      title: joined(({ title }) => title, " + "),
      origin: joined(({ origin }) => origin, "; "),
      licence: joined(({ licence }) => licence, "; "),
    },
  };
}
