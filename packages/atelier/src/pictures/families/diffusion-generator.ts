/** Pictures of a diffusion model: what its editor makes of nothing but noise. */
import type { DiffusionConfiguration } from "@atelier/models";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import type { PictureGenerator, PictureSampling } from "../picture-family.js";
import type { Told, Wish } from "./diffusion-denoisers.js";
import { diffusionEditor } from "./diffusion-editor.js";
import { CLASS } from "./labels.js";

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
  const editor = diffusionEditor(c, told, state, on);
  return {
    async generate({ count, label, prompts, sampler, steps, guidance }, key, options) {
      /** Where classes are known and none is asked for, each is as likely; not beside words, which say what is to be seen. */
      const wishFor = (i: number): Wish => ({
        label: label ?? (told.classes > 0 && prompts === undefined ? key.at(i).split(CLASS).integer(told.classes) : -1),
        prompt: prompts?.[i % prompts.length],
      });
      const edit = {
        wishes: Array.from({ length: count }, (_, i) => [{ weight: 1, wish: wishFor(i) }]),
        start: { kind: "noise" },
        sampling: {
          sampler: sampler ?? sampling.sampler,
          steps: steps ?? sampling.steps,
          guidance: guidance ?? sampling.guidance,
        },
      } as const;
      return editor.edit(edit, key, options);
    },
    release: () => editor.release(),
  };
}
