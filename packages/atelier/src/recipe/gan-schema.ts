/** What a recipe says of a GAN: its two networks, its loss, and what the discriminator is shown. */
import { augmentations } from "@atelier/models";
import { z } from "zod";
import { count } from "./training-schema.js";

const blocks = z.int().min(0);
const activation = z.enum(["relu", "leaky-relu", "silu", "gelu"]);

/** @param channels at the picture's own size, at half of it, and so on */
const residual = (channels: readonly number[]) =>
  z.strictObject({
    /** Blocks without norms, as in R3GAN (Huang et al. 2024). */
    kind: z.literal("residual"),
    channels: z
      .array(count)
      .min(1)
      .default([...channels]),
    /** Residual blocks of each level. */
    blocks: blocks.default(1),
    /** How many times as many channels a block has inside. */
    expansion: count.default(2),
    /** Into how many groups a block's inner convolution falls. */
    groups: count.default(1),
  });

const mlp = z.strictObject({
  /** Perceptrons over all pixels at once: the widths of the hidden layers. */
  kind: z.literal("mlp"),
  hidden: z.array(count).min(1).default([256, 256]),
  activation: activation.default("leaky-relu"),
});

/** As in DCGAN (Radford et al. 2015). */
const convolutionalGenerator = z.strictObject({
  kind: z.literal("convolutional"),
  channels: z.array(count).min(1).default([32, 64, 128]),
  blocks: blocks.default(0),
  norm: z.enum(["none", "group", "batch"]).default("batch"),
  activation: activation.default("relu"),
});
const convolutionalDiscriminator = z.strictObject({
  ...convolutionalGenerator.shape,
  /** Every picture is judged by itself. */
  norm: z.enum(["none", "group"]).default("none"),
  activation: activation.default("leaky-relu"),
});

const generatorSchema = z.discriminatedUnion("kind", [residual([8, 32, 64]), convolutionalGenerator, mlp]);
const discriminatorSchema = z.discriminatedUnion("kind", [residual([16, 32, 64]), convolutionalDiscriminator, mlp]);

const weight = z.number().min(0);

/** What the two networks play for. */
const lossSchema = z.discriminatedUnion("kind", [
  /** With R1 and R2 (Huang et al. 2024). */
  z.strictObject({ kind: z.literal("relativistic"), gamma: weight.default(0.1) }),
  /** With R1 in every n-th step alone, n times as strong (Karras et al. 2020). */
  z.strictObject({ kind: z.literal("non-saturating"), gamma: weight.default(1), every: count.default(16) }),
  /** With a gradient penalty; the generator is trained in every n-th step (Gulrajani et al. 2017). */
  z.strictObject({
    kind: z.literal("wasserstein"),
    penalty: weight.default(10),
    discriminatorSteps: count.default(5),
  }),
]);

/** Random changes of what the discriminator sees, the more often the better it knows the pictures by heart (Karras et al. 2020). */
const augmentationSchema = z.strictObject({
  /** Without `flip`, since not all pictures may be mirrored. */
  kinds: z.array(z.enum(augmentations)).min(1).default(["shift", "brightness", "contrast", "cutout"]),
  /** The mean sign of what it says of real pictures, which is aimed at. */
  target: z.number().gt(-1).lt(1).default(0.6),
  /** Real pictures that it takes for the probability of a change to rise from 0 to 1. */
  ramp: count.default(100_000),
});

export const ganModelSchema = z.strictObject({
  /** Width of the vector that a picture is drawn from. */
  latent: count.default(64),
  generator: generatorSchema.prefault({ kind: "residual" }),
  discriminator: discriminatorSchema.prefault({ kind: "convolutional" }),
  /** What keeps pictures in their range: `tanh`, or nothing. */
  output: z.enum(["linear", "tanh"]).default("tanh"),
  loss: lossSchema.prefault({ kind: "relativistic" }),
  /** Divides the discriminator's weights by their largest singular value (Miyato et al. 2018). */
  spectralNorm: z.boolean().default(false),
  augmentation: augmentationSchema.optional(),
  /** Tell both networks the class of each picture, so that the generator can be asked for one. */
  classes: z.boolean().default(false),
});
