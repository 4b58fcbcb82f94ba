/**
 * Reads back an output with its provenance: a file that holds it, a file with its side-car, the side-car, or a saved `--json` document.
 */
import { readPicture } from "@atelier/data";
import { AtelierError } from "@atelier/engine/errors";
import { z } from "zod";
import { exists, NotFoundError, parseJson, readWhole } from "../storage/index.js";
import { SIDE_CAR, sideCarOf } from "./emit.js";
import { textContents } from "./media/text.js";
import { provenanceIn } from "./media/xmp.js";
import { requireIntact, type SealedProvenance, sealedSchema } from "./provenance.js";

export interface SavedOutput {
  /** What was given. */
  readonly path: string;
  readonly provenance: SealedProvenance;
  /** The output itself, as a file; undefined where only the side-car is left. */
  readonly contents: Uint8Array | undefined;
}

const documentSchema = z.looseObject({
  provenance: sealedSchema,
  generated: z.array(z.looseObject({ text: z.string() })),
});

/**
 * @throws {NotFoundError} where there is no provenance. @throws {FormatError} where the provenance was edited or cut short.
 */
export async function readSavedOutput(path: string): Promise<SavedOutput> {
  const saved = await find(path);
  requireIntact(saved.provenance, saved.path);
  return saved;
}

async function find(path: string): Promise<SavedOutput> {
  if (path.endsWith(SIDE_CAR)) {
    const file = path.slice(0, -SIDE_CAR.length);
    return sideCar(path, (await exists(file)) ? await readWhole(file) : undefined);
  }
  const contents = await readWhole(path);
  const inside = await provenanceInside(contents);
  if (inside !== undefined) return { path, provenance: parseJson(inside, sealedSchema, path), contents };
  const beside = sideCarOf(path);
  if (await exists(beside)) return sideCar(beside, contents);
  const text = decode(contents);
  if (!isDocument(text)) {
    throw new NotFoundError(`${path} says nothing of what made it, and there is no ${beside}`, {
      hint: "Give what --out FILE wrote, or what --json printed for texts. Programs that save a picture anew may leave its metadata out.",
    });
  }
  const { provenance, generated } = parseJson(text, documentSchema, path);
  return { path, provenance, contents: Buffer.from(textContents(generated.map((one) => one.text))) };
}

const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

const sideCar = async (path: string, contents: Uint8Array | undefined): Promise<SavedOutput> => ({
  path,
  provenance: parseJson(decode(await readWhole(path)), sealedSchema, path),
  contents,
});

/** What the metadata of a picture say of it; undefined of any other file, too. */
async function provenanceInside(contents: Uint8Array): Promise<string | undefined> {
  try {
    const { xmp } = await readPicture(contents);
    return xmp === undefined ? undefined : provenanceIn(xmp);
  } catch (error) {
    if (AtelierError.isInstance(error)) return undefined;
    throw error;
  }
}

/** Whether a text is JSON with a provenance in it. */
function isDocument(contents: string): boolean {
  try {
    const json: unknown = JSON.parse(contents);
    return typeof json === "object" && json !== null && "provenance" in json;
  } catch {
    return false;
  }
}
