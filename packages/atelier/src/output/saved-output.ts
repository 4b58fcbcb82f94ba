/** Reads back an output with its provenance: a file with its side-car, the side-car, or a saved `--json` document. */
import { z } from "zod";
import { exists, NotFoundError, parseJson, readWhole } from "../storage/index.js";
import { SIDE_CAR, sideCarOf, textContents } from "./emit.js";
import { requireIntact, type SealedProvenance, sealedSchema } from "./provenance.js";

export interface SavedOutput {
  /** What was given. */
  readonly path: string;
  readonly provenance: SealedProvenance;
  /** The output itself; undefined where only the side-car is left. */
  readonly contents: string | undefined;
}

const documentSchema = z.looseObject({
  provenance: sealedSchema,
  generated: z.array(z.looseObject({ text: z.string() })),
});

const read = async (path: string): Promise<string> =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(await readWhole(path));

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
    return sideCar(path, (await exists(file)) ? await read(file) : undefined);
  }
  const contents = await read(path);
  const beside = sideCarOf(path);
  if (await exists(beside)) return sideCar(beside, contents);
  if (!isDocument(contents)) {
    throw new NotFoundError(`${path} says nothing of what made it, and there is no ${beside}`, {
      hint: "atelier generate --out FILE writes both, and --json puts the provenance into the document.",
    });
  }
  const { provenance, generated } = parseJson(contents, documentSchema, path);
  return { path, provenance, contents: textContents(generated.map(({ text }) => text)) };
}

const sideCar = async (path: string, contents: string | undefined): Promise<SavedOutput> => ({
  path,
  provenance: parseJson(await read(path), sealedSchema, path),
  contents,
});

/** Whether a text is JSON with a provenance in it. */
function isDocument(contents: string): boolean {
  try {
    const json: unknown = JSON.parse(contents);
    return typeof json === "object" && json !== null && "provenance" in json;
  } catch {
    return false;
  }
}
