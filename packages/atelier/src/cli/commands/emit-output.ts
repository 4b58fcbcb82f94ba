/** Lets what a command made out: to a file, into the JSON document, or on the screen. */
import { type Destination, emit, type Output as Made, sideCarOf } from "../../output/emit.js";
import type { Provenance, SealedProvenance } from "../../output/provenance.js";
import type { Output } from "../output.js";

export interface Making {
  readonly made: Made;
  readonly provenance: Provenance;
  /** `--out`, if it was given. */
  readonly path: string | undefined;
  /** Whether it was printed as it was made. */
  readonly streamed: boolean;
  /** Whether the reader knows how to make it again: a seed was given, or nothing was drawn. */
  readonly chosen: boolean;
}

export async function emitOutput(out: Output, making: Making): Promise<SealedProvenance> {
  const { made, provenance, path } = making;
  const sealed = await emit(made, provenance, destinationOf(out, making));
  if (path !== undefined) out.text(`${path}, and what made it: ${sideCarOf(path)}`);
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
