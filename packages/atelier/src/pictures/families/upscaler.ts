/** The family `upscaler` as the rest of the package sees it: it makes pictures larger. */
import { ImageCodec, type PictureSet } from "@atelier/data";
import { ArgumentError, input } from "@atelier/engine";
import {
  type UpscalerConfiguration,
  upscaler,
  upscalerConfiguration,
  upscalerPicture,
  upscalerSmall,
} from "@atelier/models";
import { z } from "zod";
import type { Placement } from "../../families/text-family.js";
import { enlargedBicubic } from "../bicubic.js";
import { setOf } from "../examine-samples.js";
import { eachByte } from "../loss-baselines.js";
import type { GridModel, PassOptions, PictureFamily, PictureJudge, PictureRival } from "../picture-family.js";
import { RowPass, setRows } from "../row-pass.js";
import { parseConfiguration } from "./restore.js";
import { examineUpscaler } from "./upscaler-examination.js";
import { upscalerTool } from "./upscaler-tool.js";

const savedSchema = z.strictObject({
  factor: z.union([z.literal(2), z.literal(4)]),
  channels: z.int().min(1),
  blocks: z.int().min(0),
});
type Saved = z.infer<typeof savedSchema>;

export const upscalerFamily: PictureFamily = {
  name: "upscaler",
  create(recipe, { codec }) {
    if (recipe.family !== "upscaler") throw new ArgumentError(`A recipe for ${recipe.family} makes no upscaler`);
    return upscalerModel(recipe.model, codec);
  },
  restore: (json, codec, file) => upscalerModel(parseConfiguration(savedSchema, json, "upscaler", file), codec),
};

function upscalerModel(saved: Saved, codec: ImageCodec): GridModel {
  const c = upscalerConfiguration({ ...saved, shape: codec.spec.shape });
  const [channels, height, width] = c.shape;
  return {
    family: "upscaler",
    can: ["upscale"],
    configuration: saved,
    codec,
    classes: [],
    trainable: upscaler(c),
    network: "upscaler",
    words: `×${c.factor}, ${c.blocks} residual blocks of ${c.channels} channels`,
    batch: (x) => ({ x }),
    judge: (on) => upscalerJudge(c, codec, on),
    baseline: () => bicubicRival(c, codec),
    upscaler: (state, on) => upscalerTool(c, state, on),
    forward: (scope, rows) => {
      const small = [rows, channels, height / c.factor, width / c.factor];
      return {
        outputs: new Map([["picture", upscalerPicture(scope, c, input("small", small, "float32"))]]),
        inputs: `small: (${small.join(", ")}) float32 in [-1, 1]`,
        gives: `picture: (${[rows, ...c.shape].join(", ")}) float32 in [-1, 1], the small one made ${c.factor} times as wide and high`,
      };
    },
    examine: (request) => examineUpscaler(c, codec, request),
  };
}

/** What small pictures are, in words: figures depend on it. */
export const smallInWords = ({ factor }: UpscalerConfiguration): string =>
  `its small picture (the mean of every ${factor}×${factor} square, rounded to 256 levels)`;

/** Squared errors are counted in levels, of which a range of 2 has 255. */
const LEVELS = 127.5;

function upscalerJudge(c: UpscalerConfiguration, codec: ImageCodec, on: Placement): PictureJudge {
  const pass = new RowPass((scope, { x }) => {
    const error = upscalerPicture(scope, c, upscalerSmall(c, x!)).sub(x!).mul(LEVELS);
    return { squares: error.square().mean([1, 2, 3]) };
  }, on);
  return {
    protocol: `every held-out picture beside what is made of ${smallInWords(c)}, both in whole levels from 0 to 255`,
    loss: { name: "mean squared error", unit: "squared levels" },
    discrete: false,
    async judge(state, pictures, options) {
      const { squares } = await pass.run(state, pictures.length, setRows(pictures, codec), options);
      return { losses: Float64Array.from(squares) };
    },
    release: () => pass.release(),
  };
}

const bicubicRival = (c: UpscalerConfiguration, codec: ImageCodec): PictureRival => ({
  name: "bicubic enlarging",
  judge: async (pictures) => ({
    losses: squaredErrors(pictures, enlargedBicubic(await smallPictures(c, codec, pictures), c.factor)),
  }),
});

/** The small pictures of a set, as `upscalerSmall` makes them. */
export async function smallPictures(
  c: UpscalerConfiguration,
  codec: ImageCodec,
  pictures: PictureSet,
  options?: PassOptions,
): Promise<PictureSet> {
  const [, height, width] = c.shape;
  const pass = new RowPass((_, { x }) => ({ small: upscalerSmall(c, x!) }), {});
  try {
    const { small } = await pass.run({ params: {}, buffers: {} }, pictures.length, setRows(pictures, codec), options);
    const form = new ImageCodec({ ...codec.settings, size: [width / c.factor, height / c.factor] });
    return setOf(form.decode(small as Float32Array), "small");
  } finally {
    await pass.release();
  }
}

/** The mean of (a − b)² over the bytes of each picture. */
export function squaredErrors(a: PictureSet, b: PictureSet): Float64Array {
  const sums = new Float64Array(a.length);
  const levels = b.rows(Array.from({ length: b.length }, (_, i) => i));
  eachByte(a, (picture, place, level) => {
    sums[picture]! += (level - levels[picture * a.bytes + place]!) ** 2 / a.bytes;
  });
  return sums;
}
