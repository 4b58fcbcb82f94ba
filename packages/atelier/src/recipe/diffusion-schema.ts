/** What a recipe says of a diffusion model: its network, what that predicts, how noise is drawn, and how pictures are drawn from it. */
import { type DiffusionSamplerName, diffusionSamplers } from "@atelier/models";
import { z } from "zod";
import { count } from "./training-schema.js";

/** The network of a diffusion model. */
export const backboneSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("unet"),
    /** Side of the squares of pixels that are one place to it; without it, a pixel is. */
    patch: count.optional(),
    /** Channels at the picture's own size, or of its squares. */
    channels: count.default(32),
    /** A factor of the channels for each level; every level has half the height and width of the one before. */
    multipliers: z.array(count).min(1).default([1, 2, 2]),
    /** Residual blocks of a level on the way down; one more on the way up. */
    blocks: count.default(1),
    /** Heights at which every block is followed by attention; the middle always has it. */
    attention: z.array(count).default([]),
    /** Channels of a head of attention. */
    headWidth: count.default(64),
    dropout: z.number().min(0).lt(1).default(0),
  }),
  z.strictObject({
    kind: z.literal("diffusion-transformer"),
    /** Side of a patch, in pixels. */
    patch: count.default(4),
    layers: count.default(4),
    heads: count.default(4),
    width: count.default(128),
    queryKeyNorm: z.boolean().default(false),
  }),
]);

/** How noise levels are drawn while a diffusion model learns. */
export const noiseSchema = z.discriminatedUnion("kind", [
  /** Steps of Ho et al. 2020, each as often. */
  z.strictObject({
    kind: z.literal("linear"),
    steps: z.int().min(2).default(1000),
    first: z.number().gt(0).lt(1).default(1e-4),
    last: z.number().gt(0).lt(1).default(0.02),
  }),
  /** Steps of Nichol and Dhariwal 2021, each as often. */
  z.strictObject({ kind: z.literal("cosine"), steps: z.int().min(2).default(1000) }),
  /** Karras et al. 2022, in units of the data's own deviation. */
  z.strictObject({
    kind: z.literal("log-normal"),
    mean: z.number().default(-0.5),
    standardDeviation: z.number().positive().default(1.2),
  }),
  /** Of flow matching, each time as often. */
  z.strictObject({ kind: z.literal("uniform-time") }),
]);

/** What is averaged over noise levels. */
export const weightingSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("prediction") }),
  z.strictObject({ kind: z.literal("epsilon") }),
  z.strictObject({ kind: z.literal("edm") }),
  z.strictObject({ kind: z.literal("min-snr"), gamma: z.number().positive().default(5) }),
]);

/** What the network predicts. */
export const predictionSchema = z.enum(["epsilon", "x", "v", "flow"]);

/** How a diffusion model's pictures are drawn, unless it is asked for something else. */
export const samplingShape = {
  // The keys of an object whose names are these.
  sampler: z.enum(Object.keys(diffusionSamplers) as [DiffusionSamplerName, ...DiffusionSamplerName[]]),
  /** Levels at which noise is taken away. */
  steps: z.int().min(1).max(1000),
  /** Scale of classifier-free guidance: 1 is the class alone, above it the class is exaggerated. */
  guidance: z.number(),
};

export const diffusionModelSchema = z.strictObject({
  /** A trained vae or vq, by name or path: it learns that model's latents in place of pictures. */
  latents: z.string().min(1).optional(),
  backbone: backboneSchema.prefault({ kind: "unet" }),
  prediction: predictionSchema.default("v"),
  noise: noiseSchema.prefault({ kind: "log-normal" }),
  weighting: weightingSchema.prefault({ kind: "prediction" }),
  /** The deviation of what it learns: the values of pictures, which lie in [−1, 1], or of latents; measured where it is left out. */
  dataDeviation: z.number().positive().optional(),
  /** Tell it the class of each picture, and leave it out for this share of them, so that it can be guided towards a class. */
  classes: z.number().gt(0).max(1).optional(),
  /** Tell it the caption of each picture, so that it can be asked in words. */
  captions: z
    .strictObject({
      /** The share of the pictures whose caption is left out, so that it can be guided towards one. */
      drop: z.number().gt(0).max(1).default(0.1),
      /** The most words that are read. */
      length: count.default(24),
      /** Words that stand in fewer captions are not learnt. */
      least: count.default(1),
    })
    .optional(),
});
export type DiffusionModelSettings = z.infer<typeof diffusionModelSchema>;
