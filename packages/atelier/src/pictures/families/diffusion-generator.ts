/** Pictures of a diffusion model: noise, from which a sampler takes away what the network says is none of the picture. */
import { ArgumentError } from "@atelier/engine";
import { nearest } from "@atelier/engine/nearest";
import {
  type DiffusionConfiguration,
  type DiffusionSampler,
  type DiffusionSamplerName,
  diffusionSamplers,
  diffusionSigmas,
} from "@atelier/models";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import { BATCH, type Batch, inBatches } from "../in-batches.js";
import type { PictureGenerator, PictureSampling, Values } from "../picture-family.js";
import { normalRows } from "../row-pass.js";
import { diffusionDenoisers, type Told, type Wish } from "./diffusion-denoisers.js";
import { CLASS } from "./labels.js";

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
 */
export function diffusionGenerator(
  c: DiffusionConfiguration,
  told: Told,
  sampling: PictureSampling,
  state: ModelState,
  on: Placement,
): PictureGenerator {
  const denoisers = diffusionDenoisers(c, told, state, on);
  const each = c.shape.reduce((product, n) => product * n, 1);

  return {
    async generate({ count, label, prompts, ...asked }, key, { signal, onProgress } = {}) {
      const sample = samplerNamed(asked.sampler ?? sampling.sampler);
      const guidance = asked.guidance ?? sampling.guidance ?? 1;
      const sigmas = diffusionSigmas(c, asked.steps ?? sampling.steps);
      const total = Math.ceil(count / BATCH) * (sigmas.length - 1);
      let done = 0;

      /** Where classes are known and none is asked for, each is as likely; not beside words, which say what is to be seen. */
      const wishFor = (i: number): Wish => ({
        label: label ?? (told.classes > 0 && prompts === undefined ? key.at(i).split(CLASS).integer(told.classes) : -1),
        prompt: prompts?.[i % prompts.length],
      });

      const drawBatch = ({ indices }: Batch): Promise<Float64Array> => {
        const normals = (purpose: string, step = 0): Float64Array =>
          Float64Array.from(normalRows(indices, c.shape, (i) => key.at(i).split(purpose).at(step)).data);
        const wishes = Array.from(indices, (i) => [{ weight: 1, wish: wishFor(i) }]);
        const start = normals("start").map((value) => value * sigmas[0]!);
        return sample(denoisers.of(wishes, { guidance, signal }), start, sigmas, {
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
    release: () => denoisers.release(),
  };
}
