/** The family `diffusion` as the rest of the package sees it. */
import { CaptionWords, type ImageCodec } from "@atelier/data";
import { ArgumentError, FormatError, hostTensor, input } from "@atelier/engine";
import {
  conditionInputs,
  type DiffusionConfiguration,
  diffusion,
  diffusionConfiguration,
  diffusionDenoise,
} from "@atelier/models";
import { z } from "zod";
import { diffusionModelSchema, samplingShape } from "../../recipe/diffusion-schema.js";
import type { LatentCoder, LatentSpace } from "../latents/latent-space.js";
import { deviationOf, independentDenoiser, pixelValues } from "../loss-baselines.js";
import type { DescribedPictures, GridModel, PictureFamily, PictureGenerator } from "../picture-family.js";
import { pictureRows } from "../value-rows.js";
import {
  captionConditions,
  captionsInWords,
  captionsOf,
  knownCaptions,
  savedCaptionsSchema,
  variedCaptions,
} from "./captions.js";
import type { Told } from "./diffusion-denoisers.js";
import { diffusionEditor } from "./diffusion-editor.js";
import { diffusionGenerator } from "./diffusion-generator.js";
import { type DiffusionGround, diffusionJudge, noiseLevelOf } from "./diffusion-judge.js";
import { CLASS, classConditions, classesInWords, knownClasses } from "./labels.js";
import { classNames, parseConfiguration } from "./restore.js";

const savedSchema = diffusionModelSchema.extend({
  dataDeviation: z.number().positive(),
  /** Share of the pictures that it learnt from without their class; absent where it knows no classes. */
  classDrop: z.number().min(0).max(1).optional(),
  classes: classNames,
  captions: savedCaptionsSchema.optional(),
  /** How pictures are drawn unless something else is asked for: as its recipe had them judged. */
  sampling: z.strictObject({ ...samplingShape, guidance: samplingShape.guidance.optional() }),
});
type Saved = z.infer<typeof savedSchema>;

/** Where there are no pictures to measure it by (Karras et al. 2022, table 1). */
const DEVIATION = 0.5;

export const diffusionFamily: PictureFamily = {
  name: "diffusion",
  create(recipe, { codec, classes, train, latents }) {
    if (recipe.family !== "diffusion")
      throw new ArgumentError(`A recipe for ${recipe.family} makes no diffusion model`);
    const { classes: drop, captions, dataDeviation, ...settings } = recipe.model;
    const { sampler, steps, guidance } = recipe.evaluation;
    const told = drop !== undefined || captions !== undefined;
    if (guidance !== 1 && !told) {
      throw new ArgumentError(
        "diffusion: evaluation.guidance is set, and the model is told no classes or captions to be guided by",
        {
          hint: "Set model.classes, the share of pictures whose class is left out (0.1), or model.captions ({}), or leave evaluation.guidance out.",
        },
      );
    }
    if ((recipe.model.latents === undefined) !== (latents === undefined)) {
      throw new ArgumentError("diffusion: model.latents names a model, and latents come of one: give both or neither");
    }
    const learnt = latents === undefined ? train && pixelValues(train) : latents.train;
    const saved = {
      ...settings,
      ...knownClasses("diffusion", drop, classes),
      ...knownCaptions(captions, train?.captions),
      dataDeviation: dataDeviation ?? (learnt === undefined ? DEVIATION : deviationOf(learnt)),
      sampling: { sampler, steps, ...(told ? { guidance } : {}) },
    };
    if (latents !== undefined) checkSides(saved.backbone, latents.space);
    return diffusionModel(saved, codec, latents?.space);
  },
  restore(json, codec, file, latents) {
    const saved = parseConfiguration(savedSchema, json, "diffusion", file);
    if ((saved.latents === undefined) !== (latents === undefined)) {
      throw new FormatError(
        `${file}: ${saved.latents === undefined ? "no" : "a"} model of latents, and its codec says otherwise`,
        {
          hint: "Copy the model again from where it came; do not mix files of two models.",
        },
      );
    }
    return diffusionModel(saved, codec, latents);
  },
};

function diffusionModel(saved: Saved, codec: ImageCodec, latents: LatentSpace | undefined): GridModel {
  const { classes, classDrop, captions, sampling, latents: _, ...settings } = saved;
  const words = captions === undefined ? undefined : new CaptionWords(captions);
  const c = diffusionConfiguration({
    ...settings,
    shape: latents?.shape ?? codec.spec.shape,
    conditions: [...classConditions(classes, classDrop), ...captionConditions(captions)],
  });
  const labelled = classes.length > 0;
  const told: Told = { classes: classes.length, words };
  const ground: DiffusionGround = {
    latents: latents?.description,
    rows: async (pictures, options) => latents?.rows(pictures, options) ?? pictureRows(pictures, codec),
  };
  const what = latents === undefined ? "pictures" : "latents";
  return {
    family: "diffusion",
    // Edits are made of pixels, which latents have none of.
    can: latents === undefined ? ["generate", "edit"] : ["generate"],
    configuration: saved,
    codec,
    classes,
    trainable: diffusion(c),
    network: "denoiser",
    words:
      `${describeBackbone(c.backbone)}, predicts ${PREDICTED[c.prediction]}, ${c.noise.kind} noise` +
      (latents === undefined ? "" : `, over ${latents.description}`),
    latents,
    frozenRecipe: latents?.recipe,
    ...(words === undefined ? {} : { captions: words }),
    batch: (x, labels, described) => ({
      x,
      ...(labelled ? { [CLASS]: hostTensor(labels, [labels.length]) } : {}),
      ...(words === undefined ? {} : captionsOf(words, varied(words, described), labels.length)),
    }),
    judge: (on) => diffusionJudge(c, ground, told, on),
    baseline: async (train) => {
      const denoise = independentDenoiser(await ground.rows(train), (picture) => noiseLevelOf(c, picture));
      return {
        name: `${latents === undefined ? "pixels" : "latents"} denoised by themselves`,
        judge: async (pictures) => denoise(await ground.rows(pictures)),
      };
    },
    sampling,
    generator: (state, on) => decoded(diffusionGenerator(c, told, sampling, state, on), latents?.coder(on)),
    editor: latents === undefined ? (state, on) => diffusionEditor(c, told, state, on) : undefined,
    forward: (scope, rows) => {
      const x = input("x", [rows, ...c.shape], "float32");
      const sigma = input("sigma", [rows], "float32");
      const values = conditionInputs(c.conditions, rows, [c.shape[1], c.shape[2]]);
      const shape = [rows, ...c.shape].join(", ");
      const seen = latents === undefined ? "pictures in [-1, 1]" : latents.description;
      return {
        outputs: new Map([["denoised", diffusionDenoise(scope, c, x, sigma, values)]]),
        inputs:
          `x: (${shape}) float32, ${seen} and noise; sigma: (${rows}) float32, the deviation of the noise, above 0` +
          classesInWords(classes, rows) +
          captionsInWords(words, rows),
        gives: `denoised: (${shape}) float32, the expected ${what}`,
      };
    },
  };
}

/** @param coder of a model that draws latents. */
function decoded(generator: PictureGenerator, coder: LatentCoder | undefined): PictureGenerator {
  if (coder === undefined) return generator;
  return {
    generate: async (request, key, options = {}) =>
      coder.decode(await generator.generate(request, key, options), { signal: options.signal }),
    async release() {
      await generator.release();
      await coder.release();
    },
  };
}

/** @throws {ArgumentError} where a network for pictures is too deep, or cuts too coarsely, for latents */
function checkSides(
  backbone: DiffusionConfiguration["backbone"],
  { shape: [, height, width], description }: LatentSpace,
): void {
  const { patch = 1 } = backbone;
  if (height % patch !== 0 || width % patch !== 0) {
    throw new ArgumentError(`diffusion: model.backbone.patch is ${patch}, which does not divide ${description}`, {
      hint: "Set model.backbone.patch to 1: every place of a latent is one patch.",
    });
  }
  if (backbone.kind !== "unet") return;
  const side = Math.min(height, width) / patch;
  const most = 1 + Math.ceil(Math.log2(side));
  if (backbone.multipliers.length <= most) return;
  throw new ArgumentError(
    `diffusion: model.backbone.multipliers names ${backbone.multipliers.length} levels, and ${description} can be halved ${most - 1} times`,
    {
      hint: `Name at most ${most}${side === 1 ? ", [1], or use the backbone diffusion-transformer with patch 1" : ""}.`,
    },
  );
}

const varied = (words: CaptionWords, described: DescribedPictures | undefined): readonly (string | undefined)[] =>
  described === undefined ? [] : variedCaptions(words, described.captions, described.key);

const PREDICTED = { epsilon: "the noise", x: "the picture", v: "v", flow: "the flow" } as const;

function describeBackbone(backbone: DiffusionConfiguration["backbone"]): string {
  const patches = backbone.patch === undefined ? "" : `, patches of ${backbone.patch}×${backbone.patch}`;
  return backbone.kind === "unet"
    ? `U-Net of ${backbone.multipliers.map((factor) => factor * backbone.channels).join(", ")} channels${patches}`
    : `transformer of ${backbone.layers} layers, ${backbone.width} wide${patches}`;
}
