/** The family `vq` as the rest of the package sees it. Its codes are tokens, which `gpt` can learn. */
import { ArgumentError, input } from "@atelier/engine";
import {
  type VqConfiguration,
  vq,
  vqCodes,
  vqConfiguration,
  vqDecode,
  vqEncode,
  vqLogProbability,
  vqVectors,
} from "@atelier/models";
import { z } from "zod";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import type { Batch } from "../in-batches.js";
import { fixedGaussian } from "../loss-baselines.js";
import type { GridModel, PictureCodes, PictureFamily, PictureJudge, Values } from "../picture-family.js";
import { RowPass, setRows, tensorRows } from "../row-pass.js";
import { convolutionalSchema, describeNetwork, parseConfiguration } from "./restore.js";
import { examineVq } from "./vq-examination.js";

const whole = z.int().min(1);
const savedSchema = z.strictObject({
  codes: z.int().min(2),
  width: whole,
  network: convolutionalSchema,
  commitment: z.number().min(0),
  revival: z.number().min(0).lt(1),
});
type Saved = z.infer<typeof savedSchema>;

export const vqFamily: PictureFamily = {
  name: "vq",
  create(recipe, { codec }) {
    if (recipe.family !== "vq") throw new ArgumentError(`A recipe for ${recipe.family} makes no vq`);
    return vqModel(recipe.model, codec);
  },
  restore: (json, codec, file) => vqModel(parseConfiguration(savedSchema, json, "vq", file), codec),
};

/** As a share of the range: squared errors are divided by about the variance of natural pictures (van den Oord et al. 2017). */
const DEVIATION = 0.178;

function vqModel(saved: Saved, codec: GridModel["codec"]): GridModel {
  const c = vqConfiguration({
    ...saved,
    likelihood: { kind: "gaussian", standardDeviation: DEVIATION },
    shape: codec.spec.shape,
    fields: codec.spec.fields,
  });
  const { height, width, size } = vqCodes(c);
  return {
    family: "vq",
    can: ["encode", "decode"],
    configuration: saved,
    codec,
    classes: [],
    trainable: vq(c),
    network: "vq",
    words: `${height}×${width} codes out of ${size}, ${c.width} wide, ${describeNetwork(saved.network)}`,
    batch: (x) => ({ x }),
    judge: (on) => vqJudge(c, codec, on),
    baseline: (train) => fixedGaussian(train, DEVIATION),
    codes: (state, on) => vqPictureCodes(c, state, on),
    forward: (scope, rows) => ({
      outputs: new Map([["picture", vqDecode(scope, c, input("codes", [rows, height * width], "int32"))]]),
      inputs: `codes: (${rows}, ${height * width}) int32 from 0 to ${size - 1}, row by row of ${height}×${width}`,
      gives: `picture: (${[rows, ...c.shape].join(", ")}) float32 in [-1, 1], what comes back of the codes`,
    }),
    examine: (request) => examineVq(c, codec, request),
  };
}

function vqJudge(c: VqConfiguration, codec: GridModel["codec"], on: Placement): PictureJudge {
  const pass = new RowPass((scope, { x }) => ({ logProbability: vqLogProbability(scope, c, x!) }), on);
  const values = c.shape.reduce((product, n) => product * n, 1);
  return {
    protocol:
      "−log p of every held-out picture, given its codes, under a normal distribution of fixed width around what comes back",
    loss: { name: "reconstruction loss", unit: "nats per value" },
    discrete: false,
    async judge(state, pictures, options) {
      const { logProbability } = await pass.run(state, pictures.length, setRows(pictures, codec), options);
      return { losses: Float64Array.from(logProbability, (logP) => -logP / values) };
    },
    release: () => pass.release(),
  };
}

function vqPictureCodes(c: VqConfiguration, state: ModelState, on: Placement): PictureCodes {
  const encode = new RowPass((scope, { x }) => ({ codes: vqEncode(scope, c, x!) }), on);
  const decode = new RowPass((scope, { codes }) => ({ x: vqDecode(scope, c, codes!) }), on);
  const vectors = new RowPass((scope, { codes }) => ({ vectors: vqVectors(scope, c, codes!) }), on);
  const grid = vqCodes(c);
  const each = c.shape.reduce((product, n) => product * n, 1);
  const tokens = grid.height * grid.width;
  return {
    ...grid,
    depth: c.width,
    async encode(pictures, options) {
      const rows = (batch: Batch) => ({ x: tensorRows(pictures, batch, c.shape) });
      return (await encode.run(state, pictures.length / each, rows, options)).codes as Int32Array;
    },
    async decode(codes, options) {
      const rows = (batch: Batch) => ({ codes: tensorRows(codes, batch, [tokens]) });
      return (await decode.run(state, codes.length / tokens, rows, options)).x as Values;
    },
    async vectors(options) {
      const all = Int32Array.from({ length: grid.size }, (_, code) => code);
      const rows = (batch: Batch) => ({ codes: tensorRows(all, batch, []) });
      return (await vectors.run(state, grid.size, rows, options)).vectors as Float32Array;
    },
    async release() {
      await encode.release();
      await decode.release();
      await vectors.release();
    },
  };
}
