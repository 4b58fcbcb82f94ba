/** All samplers, by the names that k-diffusion and the programs built on it have for them. */
import { sampleDdim } from "./ddim.js";
import { sampleDdpm } from "./ddpm.js";
import { sampleDpm2 } from "./dpm-2.js";
import { sampleDpmpp2m } from "./dpmpp-2m.js";
import { sampleDpmpp2mSde } from "./dpmpp-2m-sde.js";
import { sampleDpmpp2sAncestral } from "./dpmpp-2s-ancestral.js";
import { sampleEuler } from "./euler.js";
import { sampleEulerAncestral } from "./euler-ancestral.js";
import { sampleHeun } from "./heun.js";
import { sampleLms } from "./lms.js";
import type { DiffusionSampler } from "./sampler.js";

export const diffusionSamplers = {
  ddpm: sampleDdpm,
  ddim: sampleDdim,
  euler: sampleEuler,
  heun: sampleHeun,
  dpm_2: sampleDpm2,
  lms: sampleLms,
  dpmpp_2m: sampleDpmpp2m,
  euler_ancestral: sampleEulerAncestral,
  dpmpp_2s_ancestral: sampleDpmpp2sAncestral,
  dpmpp_2m_sde: sampleDpmpp2mSde,
} as const satisfies Readonly<Record<string, DiffusionSampler>>;

export type DiffusionSamplerName = keyof typeof diffusionSamplers;

export type { DiffusionSampler, DiffusionSamplerOptions, DiffusionSamplerProgress } from "./sampler.js";
export {
  sampleDdim,
  sampleDdpm,
  sampleDpm2,
  sampleDpmpp2m,
  sampleDpmpp2mSde,
  sampleDpmpp2sAncestral,
  sampleEuler,
  sampleEulerAncestral,
  sampleHeun,
  sampleLms,
};
