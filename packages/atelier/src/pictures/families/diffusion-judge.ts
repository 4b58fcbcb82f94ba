/** How well a diffusion model denoises: on held-out pictures, at noise that is the same each time. */
import type { PictureSet } from "@atelier/data";
import { hostTensor, RandomKey } from "@atelier/engine";
import { type DiffusionConfiguration, diffusionDenoise } from "@atelier/models";
import type { Placement } from "../../families/text-family.js";
import type { NoiseLevel } from "../loss-baselines.js";
import type { PassOptions, PictureJudge } from "../picture-family.js";
import { normalRows, RowPass } from "../row-pass.js";
import type { ValueRows } from "../value-rows.js";
import { captionsAt, captionsOf } from "./captions.js";
import type { Told } from "./diffusion-denoisers.js";
import { classesOf, split } from "./labels.js";

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

/** What a diffusion model learns of pictures: their values, or latents of them. */
export interface DiffusionGround {
  /** Of what, in words, where it is no pictures: `latents of 32×7×7, of the vq clothes (weights 0123456789ab)`. */
  readonly latents?: string | undefined;
  rows(pictures: PictureSet, options?: PassOptions): Promise<ValueRows>;
}

export function diffusionJudge(
  c: DiffusionConfiguration,
  ground: DiffusionGround,
  { classes, words }: Told,
  on: Placement,
): PictureJudge {
  const pass = new RowPass((scope, { noise, deviation, weight, ...rows }) => {
    const { x, values } = split(rows);
    const noised = x.add(noise!.mul(deviation!.reshape([-1, 1, 1, 1])));
    const error = diffusionDenoise(scope, c, noised, deviation!, values).sub(x).square().mean([1, 2, 3]); // (B)
    return { loss: error.mul(weight!) };
  }, on);
  const known = [...(classes > 0 ? ["class"] : []), ...(words === undefined ? [] : ["caption"])];
  return {
    protocol:
      `the squared error of what becomes of ${ground.latents === undefined ? "" : "the latent of "}every held-out picture when noise of one of ${LEVELS.length} levels is added and taken away ` +
      `(${LEVELS.join(", ")} times the data's own deviation, in turn; the noise is always the same), times 1/σ² + 1/σ_data²` +
      (known.length === 0 ? "; " : `, with its ${known.join(" and its ")} known; `) +
      (ground.latents === undefined ? "" : `compares only within ${ground.latents}; `) +
      "this is no likelihood",
    loss: { name: "denoising loss", unit: "weighted squared error" },
    discrete: false,
    async judge(state, pictures, options) {
      const clean = await ground.rows(pictures, { signal: options?.signal });
      const { loss } = await pass.run(
        state,
        pictures.length,
        (batch) => {
          const levels = Array.from(batch.indices, (i) => noiseLevelOf(c, i));
          const column = (of: keyof NoiseLevel) => hostTensor(Float32Array.from(levels, (level) => level[of]));
          const noise = normalRows(batch.indices, c.shape, (i) => KEY.split("noise").at(i));
          return {
            x: hostTensor(clean.read(batch.indices), [batch.indices.length, ...c.shape]),
            ...classesOf(classes > 0, pictures.labels, batch),
            ...captionsOf(words, captionsAt(pictures.captions, batch), batch.indices.length),
            noise,
            deviation: column("deviation"),
            weight: column("weight"),
          };
        },
        options,
      );
      return { losses: Float64Array.from(loss) };
    },
    release: () => pass.release(),
  };
}
