/** The recipes of picture models: how pictures become tensors, and for each family its networks and their training. */
import { augmentationSchema, imageSettingsSchema, pictureCurationSchema } from "@atelier/data";
import { z } from "zod";
import { diffusionModelSchema, samplingShape } from "./diffusion-schema.js";
import { ganModelSchema } from "./gan-schema.js";
import {
  type AdamwDefaults,
  count,
  type MuonDefaults,
  optimiserSchema,
  scheduleSchema,
  trainingShape,
} from "./training-schema.js";
import { upscalerModelSchema } from "./upscaler-schema.js";

/** @param norm what a network has where nothing is said */
const convolutionalWith = (norm: "none" | "group" | "batch") =>
  z.strictObject({
    kind: z.literal("convolutional"),
    /** Channels at the picture's own size, at half of it, and so on. */
    channels: z.array(count).min(1).default([32, 64]),
    /** Residual blocks at the smallest size. */
    blocks: z.int().min(0).default(1),
    norm: z.enum(["none", "group", "batch"]).default(norm),
  });

const networkWith = (norm: "none" | "group" | "batch") =>
  z.discriminatedUnion("kind", [
    /** Perceptrons over all pixels at once: the widths of the hidden layers. */
    z.strictObject({ kind: z.literal("mlp"), hidden: z.array(count).min(1).default([400]) }),
    convolutionalWith(norm),
  ]);

const likelihood = z.enum(["bernoulli", "gaussian", "discretised-logistic"]);

/** As in the paper, without weight decay (Kingma and Ba 2015). */
const PICTURE_ADAMW: AdamwDefaults = { learningRate: 1e-3, betas: [0.9, 0.999], weightDecay: 0 };
/** As slow as in Ho et al. 2020. */
const DIFFUSION_ADAMW: AdamwDefaults = { ...PICTURE_ADAMW, learningRate: 2e-4 };
/** Without momentum, since what a network learns against moves as well (Karras et al. 2018, appendix A). */
const GAN_ADAMW: AdamwDefaults = { ...PICTURE_ADAMW, betas: [0, 0.99] };
const PICTURE_MUON: MuonDefaults = { embeddingRate: 1e-3, headRate: 1e-3, betas: [0.9, 0.999], epsilon: 1e-8 };

const training = z.strictObject({
  ...trainingShape,
  /** Pictures in a batch. */
  batch: count.default(128),
  optimiser: optimiserSchema(PICTURE_ADAMW, PICTURE_MUON).prefault({ kind: "adamw" }),
  schedule: scheduleSchema.prefault({ kind: "constant" }),
  /** Changes that pictures undergo while they are learnt from, other ones each time. */
  augmentation: augmentationSchema.optional(),
});

const evaluation = z.strictObject({
  /** What pictures are compared by: a classifier (name or path of a model), an .onnx file, or `pixels`. */
  extractor: z.string().min(1).default("pixels"),
  /** Pictures that are generated, and as many real ones that they are compared with. */
  samples: z.int().min(64).max(50_000).default(2000),
});

const shared = {
  /** Classes that are left out, such as one that is to be found as an anomaly later. */
  exclude: z.array(z.string()).optional(),
  /** What is taken out of the data before anything learns from it. */
  curation: pictureCurationSchema.optional(),
  /** How files become pictures of one size. Size and channels are chosen after the data where they are left out. */
  codec: imageSettingsSchema
    .extend({ channels: imageSettingsSchema.shape.channels.unwrap() })
    .partial({
      size: true,
      channels: true,
    })
    .prefault({}),
  training: training.prefault({}),
  evaluation: evaluation.prefault({}),
};

export const pictureFamilySchemas = {
  vae: {
    ...shared,
    model: z
      .strictObject({
        /** Width of the latent vector. */
        latent: count.default(32),
        network: networkWith("none").prefault({ kind: "convolutional" }),
        likelihood: likelihood.default("discretised-logistic"),
        /** Weight of the KL divergence; 1 is the evidence lower bound. */
        beta: z.number().min(0).default(1),
        /** Batches over which that weight rises from 0. */
        klWarmup: z.int().min(0).default(0),
        /** Tell it the class of each picture, so that it can be asked for one; for this share of them it is left out, so that it can do without. */
        classes: z.number().gt(0).max(1).optional(),
      })
      .prefault({}),
  },
  vq: {
    ...shared,
    model: z
      .strictObject({
        /** How many codes there are, and numbers in one. */
        codes: z.int().min(2).default(256),
        width: count.default(32),
        network: convolutionalWith("none").prefault({ kind: "convolutional", channels: [64, 128], blocks: 2 }),
        /** Weight of the commitment loss. */
        commitment: z.number().min(0).default(0.25),
        /** Codes used less often than this share of the even one are taken anew. */
        revival: z.number().min(0).lt(1).default(0.1),
      })
      .prefault({}),
  },
  diffusion: {
    ...shared,
    model: diffusionModelSchema.prefault({}),
    training: training
      .extend({
        steps: count.default(10_000),
        batch: count.default(64),
        optimiser: optimiserSchema(DIFFUSION_ADAMW, PICTURE_MUON).prefault({ kind: "adamw" }),
        averageDecay: trainingShape.averageDecay.unwrap().default(0.999),
      })
      .prefault({}),
    evaluation: evaluation
      .extend({
        sampler: samplingShape.sampler.default("dpmpp_2m"),
        steps: samplingShape.steps.default(20),
        guidance: samplingShape.guidance.default(1),
      })
      .prefault({}),
  },
  upscaler: { ...shared, model: upscalerModelSchema.prefault({}) },
  gan: {
    ...shared,
    model: ganModelSchema.prefault({}),
    training: training
      .extend({
        steps: count.default(6000),
        batch: count.default(64),
        optimiser: optimiserSchema(GAN_ADAMW, PICTURE_MUON).prefault({ kind: "adamw" }),
        /** Gradients are no steeper than their penalty leaves them. */
        clip: trainingShape.clip.unwrap().default(null),
        averageDecay: trainingShape.averageDecay.unwrap().default(0.995),
      })
      .prefault({}),
  },
  classifier: {
    ...shared,
    model: z
      .strictObject({
        network: networkWith("batch").prefault({ kind: "convolutional" }),
        /** Width of the layer before the last, by which pictures are compared. */
        features: count.default(128),
        labelSmoothing: z.number().min(0).lt(1).default(0),
      })
      .prefault({}),
  },
};
