export { type Distribution, RandomKey, type StepKeys } from "./key.js";
export { threefry2x32 } from "./threefry.js";
