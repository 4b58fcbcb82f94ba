/** The family `vae` as the rest of the package sees it. */
import type { ImageCodec } from "@atelier/data";
import { ArgumentError, hostTensor, input } from "@atelier/engine";
import {
  type VaeConfiguration,
  vae,
  vaeConfiguration,
  vaeDecode,
  vaeElbo,
  vaeEncode,
  vaeLikelihood,
} from "@atelier/models";
import { z } from "zod";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import type { Batch } from "../in-batches.js";
import { independentBernoulli, independentGaussian, independentLevels } from "../loss-baselines.js";
import type {
  GridModel,
  PictureCoder,
  PictureFamily,
  PictureGenerator,
  PictureJudge,
  PictureScorer,
  Values,
} from "../picture-family.js";
import { RowPass, tensorRows } from "../row-pass.js";
import { CLASS, classConditions, classesInWords, classesOf, knownClasses, labelledRows, split } from "./labels.js";
import { classNames, describeNetwork, gridNetworkSchema, parseConfiguration } from "./restore.js";
import { examineVae } from "./vae-examination.js";

const savedSchema = z.strictObject({
  latent: z.int().min(1),
  network: gridNetworkSchema,
  likelihood: z.enum(["bernoulli", "gaussian", "discretised-logistic"]),
  beta: z.number().min(0),
  klWarmup: z.int().min(0),
  /** Share of the pictures that it learnt from without their class; absent where it knows no classes. */
  classDrop: z.number().min(0).max(1).optional(),
  classes: classNames,
});
type Saved = z.infer<typeof savedSchema>;

export const vaeFamily: PictureFamily = {
  name: "vae",
  create(recipe, { codec, classes }) {
    if (recipe.family !== "vae") throw new ArgumentError(`A recipe for ${recipe.family} makes no vae`);
    const { classes: drop, ...settings } = recipe.model;
    return vaeModel({ ...settings, ...knownClasses("vae", drop, classes) }, codec);
  },
  restore: (json, codec, file) => vaeModel(parseConfiguration(savedSchema, json, "vae", file), codec),
};

function vaeConfigurationOf(saved: Saved, codec: ImageCodec): VaeConfiguration {
  const { classes, classDrop, likelihood, ...rest } = saved;
  return vaeConfiguration({
    ...rest,
    likelihood: { kind: likelihood },
    shape: codec.spec.shape,
    fields: codec.spec.fields,
    conditions: classConditions(classes, classDrop),
  });
}

function vaeModel(saved: Saved, codec: ImageCodec): GridModel {
  const c = vaeConfigurationOf(saved, codec);
  const { likelihood, classes } = saved;
  const labelled = classes.length > 0;
  return {
    family: "vae",
    can: ["generate", "score", "encode", "decode"],
    configuration: saved,
    codec,
    classes,
    trainable: vae(c),
    network: "vae",
    words: `latent ${c.latent}, ${describeNetwork(saved.network)}, ${likelihood} likelihood${c.beta === 1 ? "" : `, β ${c.beta}`}`,
    batch: (x, labels) => (labelled ? { x, [CLASS]: hostTensor(labels, [labels.length]) } : { x }),
    judge: (on) => vaeJudge(c, codec, labelled, on),
    baseline: (train) =>
      likelihood === "bernoulli"
        ? independentBernoulli(train)
        : likelihood === "gaussian"
          ? independentGaussian(train)
          : independentLevels(train),
    generator: (state, on) => vaeGenerator(vaeCoder(c, labelled, state, on), classes.length),
    coder: (state, on) => vaeCoder(c, labelled, state, on),
    scorer: (state, on) => vaeScorer(c, labelled, state, on),
    forward: (scope, rows) => {
      const z = input("z", [rows, c.latent], "float32");
      const values = labelled ? { [CLASS]: input(CLASS, [rows], "int32") } : {};
      return {
        outputs: new Map([["picture", vaeLikelihood(c).mean(vaeDecode(scope, c, z, values))]]),
        inputs: `z: (${rows}, ${c.latent}) float32, drawn from the standard normal distribution${classesInWords(classes, rows)}`,
        gives: `picture: (${[rows, ...c.shape].join(", ")}) float32 in [-1, 1], the expected picture`,
      };
    },
    examine: (request) => examineVae(c, codec, labelled, request),
  };
}

function vaeJudge(c: VaeConfiguration, codec: ImageCodec, labelled: boolean, on: Placement): PictureJudge {
  const pass = new RowPass((scope, rows) => {
    const { x, values } = split(rows);
    return { elbo: vaeElbo(scope, c, x, values).elbo };
  }, on);
  return {
    protocol:
      "the evidence lower bound of every held-out picture at one latent vector drawn from its posterior, with β = 1" +
      (labelled ? " and its class known" : ""),
    loss: { name: "negative evidence lower bound", unit: "nats per picture" },
    discrete: c.likelihood.kind === "discretised-logistic",
    async judge(state, pictures, options) {
      const { elbo } = await pass.run(state, pictures.length, labelledRows(pictures, codec, labelled), options);
      return { losses: Float64Array.from(elbo, (bound) => -bound) };
    },
    release: () => pass.release(),
  };
}

function vaeCoder(c: VaeConfiguration, labelled: boolean, state: ModelState, on: Placement): PictureCoder {
  const encode = new RowPass((scope, rows) => {
    const { x, values } = split(rows);
    return { mean: vaeEncode(scope, c, x, values).mean };
  }, on);
  const decode = new RowPass((scope, { z, ...values }) => {
    return { mean: vaeLikelihood(c).mean(vaeDecode(scope, c, z!, values)) };
  }, on);
  const each = sizeOf(c);
  return {
    width: c.latent,
    async encode(pictures, labels, options) {
      const rows = (batch: Batch) => ({
        x: tensorRows(pictures, batch, c.shape),
        ...classesOf(labelled, labels, batch),
      });
      return (await encode.run(state, pictures.length / each, rows, options)).mean as Float32Array;
    },
    async decode(latents, labels, options) {
      const rows = (batch: Batch) => ({
        z: tensorRows(latents, batch, [c.latent]),
        ...classesOf(labelled, labels, batch),
      });
      return (await decode.run(state, latents.length / c.latent, rows, options)).mean as Values;
    },
    async release() {
      await encode.release();
      await decode.release();
    },
  };
}

export const sizeOf = ({ shape }: Pick<VaeConfiguration, "shape">): number => shape[0] * shape[1] * shape[2];

/** The expected pictures at latent vectors drawn from the prior. Where classes are known and none is asked for, each is as likely. */
function vaeGenerator(coder: PictureCoder, classes: number): PictureGenerator {
  return {
    generate({ count, label, temperature = 1 }, key, options) {
      const { width } = coder;
      const latents = new Float32Array(count * width);
      for (let i = 0; i < count; i++) key.at(i).normal(latents.subarray(i * width, (i + 1) * width), 0, temperature);
      const labels = Int32Array.from(
        { length: count },
        (_, i) => label ?? (classes === 0 ? -1 : key.at(i).split("class").integer(classes)),
      );
      return coder.decode(latents, classes === 0 ? undefined : labels, options);
    },
    release: () => coder.release(),
  };
}

function vaeScorer(c: VaeConfiguration, labelled: boolean, state: ModelState, on: Placement): PictureScorer {
  const pass = new RowPass((scope, rows) => {
    const { x, values } = split(rows);
    const { mean } = vaeEncode(scope, c, x, values);
    const expected = vaeLikelihood(c).mean(vaeDecode(scope, c, mean, values));
    return { elbo: vaeElbo(scope, c, x, values).elbo, map: x.sub(expected).square().mean(1) };
  }, on);
  return {
    measure: "negative evidence lower bound",
    async score(pictures, labels, options) {
      const rows = (batch: Batch) => ({
        x: tensorRows(pictures, batch, c.shape),
        ...classesOf(labelled, labels, batch),
      });
      const { elbo, map } = await pass.run(state, pictures.length / sizeOf(c), rows, options);
      return { nats: Float64Array.from(elbo, (bound) => -bound), map: map as Float32Array };
    },
    release: () => pass.release(),
  };
}
