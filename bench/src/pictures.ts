/** Finding the pictures of the rows about a VAE: the four IDX files of Fashion-MNIST. */

import { access } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "./errors.js";

/** Where Debian's package dataset-fashion-mnist has them. */
const installed = "/usr/share/datasets/fashion-mnist";
const files = ["train", "t10k"].flatMap((part) => [`${part}-images-idx3-ubyte.gz`, `${part}-labels-idx1-ubyte.gz`]);

/**
 * The folder given, or else the one of Debian's package where it is installed, or else undefined.
 * @throws UsageError when a folder was given that has not all of the files.
 */
export async function findPictures(given: string | undefined): Promise<string | undefined> {
  const folder = given ?? installed;
  try {
    for (const file of files) await access(join(folder, file));
    return folder;
  } catch (cause) {
    if (given === undefined) return undefined;
    throw new UsageError(`The folder '${folder}' does not have the files of Fashion-MNIST: ${files.join(", ")}.`, {
      hint: "On Debian: apt install dataset-fashion-mnist.",
      cause,
    });
  }
}
