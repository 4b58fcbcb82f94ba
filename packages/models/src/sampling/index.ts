/** Sampling tokens from logits on the host: composable steps over one row, and the sampler that runs them. */
export { LogitsError } from "./errors.js";
export { TokenHistory } from "./history.js";
export { minPStep } from "./min-p.js";
export { repetitionStep } from "./repetition.js";
export { Sampler, type SamplingSettings, sampleToken } from "./sampler.js";
export { SamplingScratch } from "./scratch.js";
export type { SamplingStep } from "./step.js";
export { temperatureStep } from "./temperature.js";
export { topKStep } from "./top-k.js";
export { topPStep } from "./top-p.js";
