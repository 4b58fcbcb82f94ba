/** What can be asked of a trained picture model beside drawing, in full, as it is kept with the output. */
import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A picture that went in: its name, and the hash of its file. */
export const inputSchema = z.strictObject({ name: z.string(), sha256 });
export type InputPicture = z.infer<typeof inputSchema>;

/** Data that something was learnt from or judged on. */
const dataSchema = z.strictObject({
  /** The name or path that they were asked for by; absent for the model's own. */
  source: z.string().optional(),
  fingerprint: z.string(),
});
export type InputData = z.infer<typeof dataSchema>;

const seed = z.int().min(0);
/** A way has two ends. */
const frames = z.int().min(2).max(1000).default(16);
/** What the model is told that all pictures show. */
const className = z.string().optional();

export const reconstructSchema = z.strictObject({
  task: z.literal("reconstruct"),
  pictures: z.array(inputSchema).min(1),
});
export type FullReconstructRequest = z.infer<typeof reconstructSchema>;

export const interpolateSchema = z.strictObject({
  task: z.literal("interpolate"),
  /** Either these or seeds. */
  pictures: z.tuple([inputSchema, inputSchema]).optional(),
  seeds: z.tuple([seed, seed]).optional(),
  frames,
  class: className,
});
export type FullInterpolateRequest = z.infer<typeof interpolateSchema>;

export const walkSchema = z.strictObject({
  task: z.literal("walk"),
  axis: z.int().min(1).optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  data: dataSchema.optional(),
  picture: inputSchema.optional(),
  reach: z.number(),
  frames,
  class: className,
});
export type FullWalkRequest = z.infer<typeof walkSchema>;

export const latentMapSchema = z.strictObject({
  task: z.literal("latent-map"),
  columns: z.int().min(2).max(100).default(20),
  data: dataSchema.optional(),
  class: className,
});
export type FullLatentMapRequest = z.infer<typeof latentMapSchema>;

export const anomaliesSchema = z.strictObject({
  task: z.literal("anomalies"),
  data: dataSchema,
  score: z.enum(["likelihood", "reconstruction"]),
  anomalous: z.array(z.string()).min(1).optional(),
  /** How many are shown. */
  count: z.int().min(1).max(1000).default(20),
});
export type FullAnomaliesRequest = z.infer<typeof anomaliesSchema>;

export const latentRequestSchemas = [
  reconstructSchema,
  interpolateSchema,
  walkSchema,
  latentMapSchema,
  anomaliesSchema,
] as const;
