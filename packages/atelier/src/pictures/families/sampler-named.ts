/** The samplers of diffusion models, by what people call them. */
import { ArgumentError } from "@atelier/engine";
import { nearest } from "@atelier/engine/nearest";
import { type DiffusionSampler, type DiffusionSamplerName, diffusionSamplers } from "@atelier/models";

/** @throws {ArgumentError} with the nearest name, and all there are */
export function samplerNamed(name: string): DiffusionSampler {
  if (Object.hasOwn(diffusionSamplers, name)) return diffusionSamplers[name as DiffusionSamplerName];
  const names = Object.keys(diffusionSamplers);
  const near = nearest(name, names);
  throw new ArgumentError(`There is no sampler "${name}"`, {
    hint: `${near === undefined ? "" : `Did you mean ${near}? `}There are ${names.join(", ")}.`,
  });
}
