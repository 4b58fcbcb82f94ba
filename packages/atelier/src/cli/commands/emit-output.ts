/** Lets what a command made out: to a file, into the JSON document, or on the screen. */
import { statSync } from "node:fs";
import { ArgumentError } from "@atelier/engine/errors";
import { type Destination, emit, type Output as Made, sideCarOf } from "../../output/emit.js";
import { formatOf } from "../../output/media/picture-file.js";
import type { Provenance, SealedProvenance } from "../../output/provenance.js";
import { exists } from "../../storage/index.js";
import { UsageError } from "../errors.js";
import type { Output } from "../output.js";
import { pictureText } from "../preview.js";

export interface Making {
  readonly made: Made;
  readonly provenance: Provenance;
  /** The file that it goes into, if any. */
  readonly path: string | undefined;
  /** Whether it was printed as it was made. */
  readonly streamed: boolean;
  /** Whether the reader knows how to make it again: a seed was given, or nothing was drawn. */
  readonly chosen: boolean;
}

/** Of a picture in a file, a terminal that can shows a preview; of an animation its first frame. */
export async function emitOutput(out: Output, making: Making): Promise<SealedProvenance> {
  const { made, provenance, path } = making;
  const sealed = await emit(made, provenance, destinationOf(out, making));
  if (path === undefined) return sealed;
  const sideCar = sideCarOf(path);
  out.text((await exists(sideCar)) ? `${path}, and what made it: ${sideCar}` : `${path}, which holds what made it`);
  if (made.media !== "text" && out.preview !== undefined) {
    const picture = made.media === "picture" ? made.picture : made.frames[0]!;
    out.write(await pictureText(picture, out.preview, out.columns));
  }
  return sealed;
}

function destinationOf(out: Output, { path, streamed, chosen }: Making): Destination {
  if (path !== undefined) return { to: "file", path };
  if (out.json) return { to: "document" };
  return {
    to: "screen",
    ...(streamed ? {} : { print: (text) => out.write(text) }),
    ...(chosen ? {} : { note: (remark) => out.note(out.style.dim(remark)) }),
  };
}

/** Before anything is computed: whether a file's ending names a format. @throws {UsageError} where it does not */
export function checkEnding(path: string, kind: "picture" | "animation"): void {
  try {
    formatOf(path, kind);
  } catch (error) {
    if (error instanceof ArgumentError) throw new UsageError(error.message, { hint: error.hint });
    throw error;
  }
}

/** Whether a path is meant as a folder: it is one, or ends as one. */
export const isFolder = (path: string): boolean =>
  /[/\\]$/.test(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
