/** Pictures of a diffusion model: noise, from which a sampler takes away what the network says is none of the picture. */
import { ArgumentError, hostTensor } from "@atelier/engine";
import { nearest } from "@atelier/engine/nearest";
import {
  type Denoiser,
  type DiffusionConfiguration,
  type DiffusionSampler,
  type DiffusionSamplerName,
  denoiserOf,
  diffusionDenoise,
  diffusionSamplers,
  diffusionSigmas,
  guided,
} from "@atelier/models";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import { BATCH, type Batch, inBatches } from "../in-batches.js";
import type { PictureGenerator, PictureSampling, Values } from "../picture-family.js";
import { normalRows, RowPass } from "../row-pass.js";
import { CLASS, split } from "./labels.js";

/** @throws {ArgumentError} with the nearest name, and all there are */
export function samplerNamed(name: string): DiffusionSampler {
  if (Object.hasOwn(diffusionSamplers, name)) return diffusionSamplers[name as DiffusionSamplerName];
  const names = Object.keys(diffusionSamplers);
  const near = nearest(name, names);
  throw new ArgumentError(`There is no sampler "${name}"`, {
    hint: `${near === undefined ? "" : `Did you mean ${near}? `}There are ${names.join(", ")}.`,
  });
}

/**
 * What is asked for in a request wins over `sampling`. A picture's noise, at the start and in each step, and where none is asked for its
 * class, follow from its key.
 *
 * @param classes how many are known; where there are some and none is asked for, each is as likely
 */
export function diffusionGenerator(
  c: DiffusionConfiguration,
  classes: number,
  sampling: PictureSampling,
  state: ModelState,
  on: Placement,
): PictureGenerator {
  const pass = new RowPass((scope, { sigma, ...rows }) => {
    const { x, values } = split(rows);
    return { denoised: diffusionDenoise(scope, c, x, sigma!, values) };
  }, on);
  const each = c.shape.reduce((product, n) => product * n, 1);

  return {
    async generate({ count, label, ...asked }, key, { signal, onProgress } = {}) {
      const sample = samplerNamed(asked.sampler ?? sampling.sampler);
      const guidance = asked.guidance ?? sampling.guidance ?? 1;
      const sigmas = diffusionSigmas(c, asked.steps ?? sampling.steps);
      const total = Math.ceil(count / BATCH) * (sigmas.length - 1);
      let done = 0;

      const drawBatch = async ({ indices }: Batch): Promise<Float64Array> => {
        const shape = [indices.length, ...c.shape];
        const denoiserFor = (labels: Int32Array): Denoiser =>
          denoiserOf(shape, async (x, sigma) => {
            const values = classes === 0 ? {} : { [CLASS]: hostTensor(labels, [labels.length]) };
            const { denoised } = await pass.run(state, indices.length, () => ({ x, sigma, ...values }), { signal });
            return hostTensor(denoised as Values, shape);
          });
        const normals = (purpose: string, step = 0): Float64Array =>
          Float64Array.from(normalRows(indices, c.shape, (i) => key.at(i).split(purpose).at(step)).data);
        const labels = indices.map((i) => label ?? key.at(i).split(CLASS).integer(classes));
        const denoise = guided(denoiserFor(labels), denoiserFor(indices.map(() => -1)), guidance);
        const start = normals("start").map((value) => value * sigmas[0]!);
        return sample(denoise, start, sigmas, {
          noise: (step) => normals("step", step),
          signal,
          onStep: () => onProgress?.(++done, total),
        });
      };

      const pictures: Values = new Float32Array(count * each);
      await inBatches(
        count,
        async (batch) => {
          pictures.set((await drawBatch(batch)).subarray(0, batch.count * each), batch.from * each);
        },
        { signal },
      );
      return pictures;
    },
    release: () => pass.release(),
  };
}
