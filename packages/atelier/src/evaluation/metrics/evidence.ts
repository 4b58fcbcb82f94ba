/** `evidence.json`: what was measured of a model, on what, and what it comes to; written with the model and read back by whoever compares. */
import { z } from "zod";
import { energySchema } from "../../energy/energy.js";
import { verdictSchema } from "../verdict.js";
import { measureSchema } from "./measure.js";

export const evidenceSchema = z.object({
  /** How text was cut and judged, in words; what differs from figure to figure is said there. */
  protocol: z.string(),
  data: z.object({ name: z.string(), fingerprint: z.string(), split: z.string() }),
  measures: z.array(measureSchema),
  /** What several figures have in common and has to be known to compare them: an extractor, numbers of samples. */
  remarks: z.array(z.string()).optional(),
  /** Of the training; a later evaluation has none. */
  verdict: verdictSchema.optional(),
  /** Of training, all its sittings together. */
  energy: energySchema.optional(),
  /** When it was measured. */
  date: z.iso.datetime(),
  versions: z.record(z.string(), z.string()),
});

export type Evidence = z.infer<typeof evidenceSchema>;
