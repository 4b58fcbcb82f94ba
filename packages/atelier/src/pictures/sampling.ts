/** How a model takes noise away step by step: as it is asked, else as its recipe says. */
import { ArgumentError } from "@atelier/engine";
import { samplerNamed } from "./families/sampler-named.js";
import type { PictureModel, PictureSampling } from "./picture-family.js";
import type { Asked } from "./prompts.js";

/** What may be asked of it. */
export type SamplingRequest = { readonly [Setting in keyof PictureSampling]?: PictureSampling[Setting] | undefined };

/**
 * Undefined for a model that takes no noise away, and is asked nothing.
 * @throws {ArgumentError} naming what a model has not, or a sampler that is not there
 */
export function samplingFor(
  { record: { name, family }, model: { sampling } }: Asked,
  asked: SamplingRequest,
): PictureSampling | undefined {
  if (sampling === undefined) {
    const foreign = (["sampler", "steps", "guidance"] as const).find((setting) => asked[setting] !== undefined);
    if (foreign === undefined) return undefined;
    throw new ArgumentError(
      `The model ${name} has no ${foreign}: it is a ${family}, and takes no noise away step by step`,
      { hint: "Leave it out; models of the family diffusion have it." },
    );
  }
  if (asked.guidance !== undefined && sampling.guidance === undefined) {
    throw new ArgumentError(`The model ${name} has no guidance: it learnt from pictures without classes or captions`, {
      hint: "Leave it out, or train with --set model.classes=0.1 on pictures that have classes, or with --set model.captions={}.",
    });
  }
  const { sampler = sampling.sampler, steps = sampling.steps, guidance = sampling.guidance } = asked;
  samplerNamed(sampler);
  return { sampler, steps, guidance };
}

/** The same model, which draws in that way where it is not asked otherwise. @throws as `samplingFor` */
export function drawingSo({ record, model }: Asked, asked: SamplingRequest): PictureModel {
  const sampling = samplingFor({ record, model }, asked);
  const { generator: make } = model;
  if (sampling === undefined || make === undefined) return model;
  return {
    ...model,
    sampling,
    generator: (state, on) => {
      const generator = make(state, on);
      return {
        generate: (request, key, options) => generator.generate({ ...sampling, ...request }, key, options),
        release: () => generator.release(),
      };
    },
  };
}
