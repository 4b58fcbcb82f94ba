/**
 * The one exit: whatever a model makes leaves through `emit`, together with what made it. A kind of media says here how it becomes a file,
 * and how its provenance travels with it.
 */
import { writeAtomic, writeJsonAtomic } from "../storage/index.js";
import { type Provenance, type SealedProvenance, seal, sha256Of } from "./provenance.js";

/** Text: one sample, or several. */
export interface TextOutput {
  readonly media: "text";
  readonly texts: readonly string[];
  /** Whether they begin with their prompt, or hold what stands around a filled gap. */
  readonly whole: boolean;
}

/** Whatever models make. */
export type Output = TextOutput;

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

interface MediaWriter<Kind extends Output> {
  /** The output as the contents of a file. */
  contents(output: Kind): string;
  /** Writes a file that carries its provenance, in itself or beside it. */
  write(path: string, contents: string, provenance: SealedProvenance): Promise<void>;
}

/** By kind of media: pictures and sounds have a place for provenance in their own files, text has none. */
const writers: { readonly [Kind in Output["media"]]: MediaWriter<Extract<Output, { readonly media: Kind }>> } = {
  text: {
    contents: ({ texts }) => textContents(texts),
    write: async (path, contents, provenance) => {
      await writeAtomic(path, contents);
      await writeJsonAtomic(sideCarOf(path), provenance);
    },
  },
};

/** Where the provenance of a file lies that cannot hold it. */
export const SIDE_CAR = ".provenance.json";
export const sideCarOf = (path: string): string => `${path}${SIDE_CAR}`;

/** A single text is the whole file, exactly; of several, each has a heading. */
export const textContents = (texts: readonly string[]): string =>
  texts.length === 1 ? texts[0]! : texts.map((text, i) => `─── ${i + 1} of ${texts.length}\n${text}\n`).join("");

/**
 * Lets an output out, with its provenance.
 *
 * @returns what goes with it. @throws {DiskFullError} @throws {UnwritableError} and no file is left half written.
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
  const writer = writers[output.media];
  const contents = writer.contents(output);
  const { media, whole } = output;
  const sealed = seal(provenance, { media, whole, sha256: sha256Of(contents) });
  if (destination.to === "file") await writer.write(destination.path, contents, sealed);
  if (destination.to === "screen") {
    destination.print?.(contents);
    destination.note?.(`seed ${provenance.seed}`);
  }
  return sealed;
}
