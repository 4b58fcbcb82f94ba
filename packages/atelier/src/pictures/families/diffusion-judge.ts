/** How well a diffusion model denoises: on held-out pictures, at noise that is the same each time. */
import type { ImageCodec } from "@atelier/data";
import { hostTensor, RandomKey } from "@atelier/engine";
import { type DiffusionConfiguration, diffusionDenoise } from "@atelier/models";
import type { Placement } from "../../families/text-family.js";
import type { NoiseLevel } from "../loss-baselines.js";
import type { PictureJudge } from "../picture-family.js";
import { normalRows, RowPass } from "../row-pass.js";
import { labelledRows, split } from "./labels.js";

/** In units of the data's own deviation; trainings draw most of theirs between the first and the last. */
const LEVELS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4];
const KEY = RandomKey.fromSeed(0).split("denoising");

/**
 * The noise of a held-out picture, by its place: as many pictures in a row as there are levels have all of them, in an order of their own.
 * Errors of all levels weigh about alike (Karras et al. 2022, table 1): 1 is what a model costs that has learnt nothing, for values of
 * the mean 0.
 */
export function noiseLevelOf(
  { dataDeviation }: Pick<DiffusionConfiguration, "dataDeviation">,
  picture: number,
): NoiseLevel {
  const order = KEY.split("levels")
    .at(Math.floor(picture / LEVELS.length))
    .permutation(LEVELS.length);
  const deviation = dataDeviation * LEVELS[order[picture % LEVELS.length]!]!;
  return { deviation, weight: 1 / deviation ** 2 + 1 / dataDeviation ** 2 };
}

export function diffusionJudge(
  c: DiffusionConfiguration,
  codec: ImageCodec,
  labelled: boolean,
  on: Placement,
): PictureJudge {
  const pass = new RowPass((scope, { noise, deviation, weight, ...rows }) => {
    const { x, values } = split(rows);
    const noised = x.add(noise!.mul(deviation!.reshape([-1, 1, 1, 1])));
    const error = diffusionDenoise(scope, c, noised, deviation!, values).sub(x).square().mean([1, 2, 3]); // (B)
    return { loss: error.mul(weight!) };
  }, on);
  return {
    protocol:
      `the squared error of what becomes of every held-out picture when noise of one of ${LEVELS.length} levels is added and taken away ` +
      `(${LEVELS.join(", ")} times the data's own deviation, in turn; the noise is always the same), times 1/σ² + 1/σ_data²` +
      (labelled ? ", with its class known; " : "; ") +
      "this is no likelihood",
    loss: { name: "denoising loss", unit: "weighted squared error" },
    discrete: false,
    async judge(state, pictures, options) {
      const clean = labelledRows(pictures, codec, labelled);
      const { loss } = await pass.run(
        state,
        pictures.length,
        (batch) => {
          const levels = Array.from(batch.indices, (i) => noiseLevelOf(c, i));
          const column = (of: keyof NoiseLevel) => hostTensor(Float32Array.from(levels, (level) => level[of]));
          const noise = normalRows(batch.indices, c.shape, (i) => KEY.split("noise").at(i));
          return { ...clean(batch), noise, deviation: column("deviation"), weight: column("weight") };
        },
        options,
      );
      return { losses: Float64Array.from(loss) };
    },
    release: () => pass.release(),
  };
}
