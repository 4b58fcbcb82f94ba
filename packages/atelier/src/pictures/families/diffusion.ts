/** The family `diffusion` as the rest of the package sees it. */
import type { ImageCodec } from "@atelier/data";
import { ArgumentError, hostTensor, input } from "@atelier/engine";
import { type DiffusionConfiguration, diffusion, diffusionConfiguration, diffusionDenoise } from "@atelier/models";
import { z } from "zod";
import { diffusionModelSchema, samplingShape } from "../../recipe/diffusion-schema.js";
import { deviationOf, independentDenoiser } from "../loss-baselines.js";
import type { GridModel, PictureFamily } from "../picture-family.js";
import { diffusionGenerator } from "./diffusion-generator.js";
import { diffusionJudge, noiseLevelOf } from "./diffusion-judge.js";
import { CLASS, classConditions, classesInWords, knownClasses } from "./labels.js";
import { classNames, parseConfiguration } from "./restore.js";

const savedSchema = diffusionModelSchema.extend({
  dataDeviation: z.number().positive(),
  /** Share of the pictures that it learnt from without their class; absent where it knows no classes. */
  classDrop: z.number().min(0).max(1).optional(),
  classes: classNames,
  /** How pictures are drawn unless something else is asked for: as its recipe had them judged. */
  sampling: z.strictObject({ ...samplingShape, guidance: samplingShape.guidance.optional() }),
});
type Saved = z.infer<typeof savedSchema>;

/** Where there are no pictures to measure it by (Karras et al. 2022, table 1). */
const DEVIATION = 0.5;

export const diffusionFamily: PictureFamily = {
  name: "diffusion",
  create(recipe, { codec, classes, train }) {
    if (recipe.family !== "diffusion")
      throw new ArgumentError(`A recipe for ${recipe.family} makes no diffusion model`);
    const { classes: drop, dataDeviation, ...settings } = recipe.model;
    const { sampler, steps, guidance } = recipe.evaluation;
    if (guidance !== 1 && drop === undefined) {
      throw new ArgumentError(
        "diffusion: evaluation.guidance is set, and the model is told no classes to be guided by",
        {
          hint: "Set model.classes, the share of pictures whose class is left out (0.1), or leave evaluation.guidance out.",
        },
      );
    }
    const saved = {
      ...settings,
      ...knownClasses("diffusion", drop, classes),
      dataDeviation: dataDeviation ?? (train === undefined ? DEVIATION : deviationOf(train)),
      sampling: { sampler, steps, ...(drop === undefined ? {} : { guidance }) },
    };
    return diffusionModel(saved, codec);
  },
  restore: (json, codec, file) => diffusionModel(parseConfiguration(savedSchema, json, "diffusion", file), codec),
};

function diffusionModel(saved: Saved, codec: ImageCodec): GridModel {
  const { classes, classDrop, sampling, ...settings } = saved;
  const c = diffusionConfiguration({
    ...settings,
    shape: codec.spec.shape,
    conditions: classConditions(classes, classDrop),
  });
  const labelled = classes.length > 0;
  return {
    family: "diffusion",
    can: ["generate"],
    configuration: saved,
    codec,
    classes,
    trainable: diffusion(c),
    network: "denoiser",
    words: `${describeBackbone(c.backbone)}, predicts ${PREDICTED[c.prediction]}, ${c.noise.kind} noise`,
    batch: (x, labels) => (labelled ? { x, [CLASS]: hostTensor(labels, [labels.length]) } : { x }),
    judge: (on) => diffusionJudge(c, codec, labelled, on),
    baseline: (train) => independentDenoiser(train, (picture) => noiseLevelOf(c, picture)),
    sampling,
    generator: (state, on) => diffusionGenerator(c, classes.length, sampling, state, on),
    forward: (scope, rows) => {
      const x = input("x", [rows, ...c.shape], "float32");
      const sigma = input("sigma", [rows], "float32");
      const values = labelled ? { [CLASS]: input(CLASS, [rows], "int32") } : {};
      const shape = [rows, ...c.shape].join(", ");
      return {
        outputs: new Map([["denoised", diffusionDenoise(scope, c, x, sigma, values)]]),
        inputs:
          `x: (${shape}) float32, pictures in [-1, 1] and noise; sigma: (${rows}) float32, the deviation of the noise, above 0` +
          classesInWords(classes, rows),
        gives: `denoised: (${shape}) float32, the expected pictures`,
      };
    },
  };
}

const PREDICTED = { epsilon: "the noise", x: "the picture", v: "v", flow: "the flow" } as const;

const describeBackbone = (backbone: DiffusionConfiguration["backbone"]): string =>
  backbone.kind === "unet"
    ? `U-Net of ${backbone.multipliers.map((factor) => factor * backbone.channels).join(", ")} channels`
    : `transformer of ${backbone.layers} layers, ${backbone.width} wide, patches of ${backbone.patch}×${backbone.patch}`;
