export { type ContinuousLikelihood, gridLikelihood } from "./grid.js";
export type { Field, Likelihood } from "./likelihood.js";
