export { type AdamwSettings, adamw, zerosLike } from "./adamw.js";
export { clipFactor, globalNorm, movingAverage } from "./gradients.js";
export { type MuonSettings, muon, newtonSchulz } from "./muon.js";
export { matricesOnly, type Optimiser, type Selector, type Update } from "./optimiser.js";
export { constantRate, type Schedule, warmupCosine, warmupStableDecay } from "./schedule.js";
export { type SgdSettings, sgd } from "./sgd.js";
