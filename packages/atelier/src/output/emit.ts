/**
 * The one exit: whatever a model makes leaves through `emit`, together with what made it. How a kind of media becomes a file, and how its
 * provenance travels with it, stands in `media/`.
 */
import { rm } from "node:fs/promises";
import { writeJsonAtomic } from "../storage/index.js";
import { media } from "./media/index.js";
import type { Output } from "./media/output.js";
import { type Provenance, type SealedProvenance, seal } from "./provenance.js";

export type { AnimationOutput, Output, PictureOutput, TextOutput } from "./media/output.js";

export type Destination =
  /** A file, and beside it `FILE.provenance.json` where the file itself has no room for it. */
  | { readonly to: "file"; readonly path: string }
  /** A JSON document, which the caller puts the returned provenance into. */
  | { readonly to: "document" }
  /**
   * A screen: the output alone, and a remark on how to make it again. `print` is left out where it was shown while it was made, `note`
   * where the reader chose the seed.
   */
  | { readonly to: "screen"; readonly print?: (text: string) => void; readonly note?: (remark: string) => void };

/** Where the provenance of a file lies that cannot hold it. */
export const SIDE_CAR = ".provenance.json";
export const sideCarOf = (path: string): string => `${path}${SIDE_CAR}`;

/**
 * Lets an output out, with its provenance.
 *
 * @returns what goes with it. @throws {DiskFullError} @throws {UnwritableError} and no file is left half written. @throws {ArgumentError}
 * for a picture's file whose ending names no format
 * @example
 * ```ts
 * const { rows, provenance } = await complete(model, { prompt: "Call me", seed: 7 });
 * const texts = rows.map(({ prompt, text }) => prompt + text);
 * await emit({ media: "text", texts, whole: true }, provenance, { to: "file", path: "whale.txt" });
 * ```
 */
export async function emit(
  output: Output,
  provenance: Provenance,
  destination: Destination,
): Promise<SealedProvenance> {
  const medium = media[output.media];
  const path = destination.to === "file" ? destination.path : undefined;
  const sealed = seal(provenance, await medium.record(output, path));
  if (path !== undefined) {
    const sideCar = sideCarOf(path);
    if (await medium.write(path, output, sealed)) await rm(sideCar, { force: true });
    else await writeJsonAtomic(sideCar, sealed);
  }
  if (destination.to === "screen") {
    destination.print?.(medium.show(output));
    destination.note?.(`seed ${provenance.seed}`);
  }
  return sealed;
}
