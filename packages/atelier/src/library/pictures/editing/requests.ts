/** What can be asked of a model that edits pictures, in full, as it is kept with the output. */
import { z } from "zod";
import { samplingShape } from "../../../recipe/diffusion-schema.js";
import { inputSchema } from "../latent-requests.js";

/** What a picture is to show. */
const wish = { prompt: z.string().min(1).optional(), class: z.string().optional() };
const wishSchema = z.strictObject(wish);

const samples = z.int().min(1).max(4096).default(1);
const strength = z.number().min(0).max(1);
/** How often each stretch of noise levels is gone through beside what is kept. */
const rounds = z.int().min(1).max(100).default(4);
const margin = z.int().min(0);

const sampling = {
  sampler: samplingShape.sampler,
  steps: samplingShape.steps,
  /** Absent where nothing was asked for to be guided towards. */
  guidance: samplingShape.guidance.optional(),
};

export const editImageSchema = z.strictObject({
  task: z.literal("edit-image"),
  picture: inputSchema,
  ...wish,
  strength: strength.default(0.5),
  samples,
  ...sampling,
});
export type FullEditImageRequest = z.infer<typeof editImageSchema>;

export const inpaintSchema = z.strictObject({
  task: z.literal("inpaint"),
  picture: inputSchema,
  mask: inputSchema,
  ...wish,
  strength: strength.default(1),
  rounds,
  samples,
  ...sampling,
});
export type FullInpaintRequest = z.infer<typeof inpaintSchema>;

export const outpaintSchema = z.strictObject({
  task: z.literal("outpaint"),
  picture: inputSchema,
  /** Pixels of the model's size: above, to the right, below, to the left. */
  margin: z.tuple([margin, margin, margin, margin]),
  ...wish,
  rounds,
  samples,
  ...sampling,
});
export type FullOutpaintRequest = z.infer<typeof outpaintSchema>;

export const mixPicturesSchema = z.strictObject({
  task: z.literal("mix-pictures"),
  /** Weights as they were given: they are divided by their sum. */
  parts: z.array(z.strictObject({ ...wish, weight: z.number().positive() })).min(2),
  samples,
  ...sampling,
});
export type FullMixPicturesRequest = z.infer<typeof mixPicturesSchema>;

export const interpolateWishesSchema = z.strictObject({
  task: z.literal("interpolate-wishes"),
  ends: z.tuple([wishSchema, wishSchema]),
  frames: z.int().min(2).max(1000).default(16),
  ...sampling,
});
export type FullInterpolateWishesRequest = z.infer<typeof interpolateWishesSchema>;

export const restyleSchema = z.strictObject({
  task: z.literal("restyle"),
  picture: inputSchema,
  ...wish,
  /** What the picture shows as it is. */
  from: wishSchema.optional(),
  strength: strength.default(0.6),
  ...sampling,
});
export type FullRestyleRequest = z.infer<typeof restyleSchema>;

export const editRequestSchemas = [
  editImageSchema,
  inpaintSchema,
  outpaintSchema,
  mixPicturesSchema,
  interpolateWishesSchema,
  restyleSchema,
] as const;
