/** The family `classifier` as the rest of the package sees it: it tells classes apart, and its features are what pictures are compared by. */
import { ArgumentError, hostTensor, input, tokenCrossEntropy } from "@atelier/engine";
import {
  type ClassifierConfiguration,
  classifier,
  classifierConfiguration,
  classifierFeatures,
  classifierLogits,
} from "@atelier/models";
import { z } from "zod";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import type { Batch } from "../in-batches.js";
import { classFrequencies } from "../loss-baselines.js";
import type { GridModel, PictureEmbedder, PictureFamily, PictureJudge } from "../picture-family.js";
import { RowPass, setRows, tensorRows } from "../row-pass.js";
import { classNames, describeNetwork, gridNetworkSchema, parseConfiguration } from "./restore.js";

const savedSchema = z.strictObject({
  network: gridNetworkSchema,
  features: z.int().min(1),
  labelSmoothing: z.number().min(0).lt(1),
  classes: classNames.min(2),
});
type Saved = z.infer<typeof savedSchema>;

export const classifierFamily: PictureFamily = {
  name: "classifier",
  create(recipe, { codec, classes }) {
    if (recipe.family !== "classifier") throw new ArgumentError(`A recipe for ${recipe.family} makes no classifier`);
    if (classes.length < 2) {
      throw new ArgumentError(`A classifier tells classes apart, and the pictures have ${classes.length}`, {
        hint: "Put the pictures of each class into a folder of its own, or list them in a CSV with a column `label`.",
      });
    }
    return classifierModel({ ...recipe.model, classes: [...classes] }, codec);
  },
  restore: (json, codec, file) => classifierModel(parseConfiguration(savedSchema, json, "classifier", file), codec),
};

function classifierModel({ classes, ...settings }: Saved, codec: GridModel["codec"]): GridModel {
  const c = classifierConfiguration({ ...settings, shape: codec.spec.shape, classes: classes.length });
  return {
    family: "classifier",
    can: ["embed"],
    configuration: { ...settings, classes },
    codec,
    classes,
    trainable: classifier(c),
    network: "classifier",
    words: `${classes.length} classes, ${c.features} features, ${describeNetwork(settings.network)}`,
    batch: (x, labels) => ({ x, label: hostTensor(labels, [labels.length]) }),
    judge: (on) => classifierJudge(c, codec, on),
    baseline: classFrequencies,
    forward: (scope, rows) => {
      const x = input("x", [rows, ...c.shape], "float32");
      return {
        outputs: new Map([
          ["logits", classifierLogits(scope, c, x)],
          ["features", classifierFeatures(scope, c, x)],
        ]),
        inputs: `x: (${[rows, ...c.shape].join(", ")}) float32 in [-1, 1]`,
        gives: `logits: (${rows}, ${classes.length}) float32 of: ${classes.join(", ")}; features: (${rows}, ${c.features}) float32`,
      };
    },
    embedder: (state, on) => classifierEmbedder(c, state, on),
  };
}

function classifierJudge(c: ClassifierConfiguration, codec: GridModel["codec"], on: Placement): PictureJudge {
  const pass = new RowPass((scope, { x, label }) => {
    const logits = classifierLogits(scope, c, x!); // (B, classes)
    return {
      loss: tokenCrossEntropy(logits, label!.maximum(0)),
      hit: logits.argMax(-1).equal(label!).cast("float32"),
    };
  }, on);
  return {
    protocol: "the class of every held-out picture that has one",
    loss: { name: "cross-entropy", unit: "nats per picture" },
    discrete: false,
    async judge(state, pictures, options) {
      const rows = setRows(pictures, codec);
      const { loss, hit } = await pass.run(
        state,
        pictures.length,
        (batch) => ({
          ...rows(batch),
          label: hostTensor(
            batch.indices.map((i) => pictures.labels[i]!),
            [batch.indices.length],
          ),
        }),
        options,
      );
      const known = (_: number, i: number): boolean => pictures.labels[i]! >= 0;
      return { losses: Float64Array.from(loss).filter(known), hits: Float64Array.from(hit).filter(known) };
    },
    release: () => pass.release(),
  };
}

function classifierEmbedder(c: ClassifierConfiguration, state: ModelState, on: Placement): PictureEmbedder {
  const pass = new RowPass((scope, { x }) => {
    // What both compute is computed once.
    return { features: classifierFeatures(scope, c, x!), probabilities: classifierLogits(scope, c, x!).softmax(-1) };
  }, on);
  const each = c.shape.reduce((product, n) => product * n, 1);
  return {
    width: c.features,
    async embed(pictures, options) {
      const rows = (batch: Batch) => ({ x: tensorRows(pictures, batch, c.shape) });
      const { features, probabilities } = await pass.run(state, pictures.length / each, rows, options);
      return { features: features as Float32Array, probabilities: probabilities as Float32Array };
    },
    release: () => pass.release(),
  };
}
