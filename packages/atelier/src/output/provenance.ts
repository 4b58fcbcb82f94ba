/**
 * What made an output: model, request, seed, and everything else that the bits depend on. It goes with every output, so that people can see
 * that it is synthetic and that anyone who has the model can make it again.
 */
import { cpus } from "node:os";
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import type { Model } from "../library/model.js";
import { type ModelRequest, requestSchema } from "../library/request.js";
import { versionsOf } from "../training/machine.js";
import { type OutputRecord, outputSchema } from "./media/output.js";
import { sha256Of } from "./sha256.js";

/** Media created by a trained model, in the words of the IPTC: https://cv.iptc.org/newscodes/digitalsourcetype */
export const DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export const provenanceSchema = z.strictObject({
  format: z.literal(1),
  digitalSourceType: z.literal(DIGITAL_SOURCE_TYPE),
  created: z.iso.datetime(),
  model: z.strictObject({ name: z.string(), family: z.string(), weights: sha256Schema, codec: sha256Schema }),
  /** Every setting, also those that were left to their defaults. */
  request: requestSchema,
  seed: z.int().min(0),
  device: z.enum(["cpu", "webgpu", "cuda"]),
  threads: z.int().min(1),
  /** Rows computed side by side. */
  batch: z.int().min(1),
  /** How weights were kept while computing. */
  weights: z.enum(["float32", "int8"]),
  processor: z.string(),
  /** Of Atelier, Node and the runtime. */
  versions: z.record(z.string(), z.string()),
});
export type Provenance = z.infer<typeof provenanceSchema>;

export interface Making {
  readonly request: ModelRequest;
  readonly seed: number;
  readonly batch: number;
}

export async function provenanceOf(model: Model, { request, seed, batch }: Making): Promise<Provenance> {
  const { record } = model.loaded;
  return {
    format: 1,
    digitalSourceType: DIGITAL_SOURCE_TYPE,
    created: new Date().toISOString(),
    model: { name: model.name, family: model.family, weights: record.weights.sha256, codec: record.codec.sha256 },
    request,
    seed,
    device: model.device,
    threads: model.threads,
    batch,
    weights: model.weightFormat,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    versions: await versionsOf(),
  };
}

/** A provenance together with what it belongs to, as it stands on the disk. */
export const sealedSchema = provenanceSchema.extend({
  output: outputSchema,
  /** SHA-256 over all the rest, so that a change is noticed. */
  checksum: sha256Schema,
});
export type SealedProvenance = z.infer<typeof sealedSchema>;

/** JSON with sorted keys, so that it does not matter in which order they were written. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}

export function seal(provenance: Provenance, output: OutputRecord): SealedProvenance {
  const rest = { ...provenance, output };
  return { ...rest, checksum: sha256Of(canonical(rest)) };
}

/** @throws {FormatError} where anything was changed since it was written. */
export function requireIntact({ checksum, ...rest }: SealedProvenance, path: string): void {
  if (sha256Of(canonical(rest)) === checksum) return;
  throw new FormatError(`${path}: the provenance was edited: it does not match its own checksum`, {
    hint: "Restore it from a copy; what it says can no longer be trusted.",
  });
}
