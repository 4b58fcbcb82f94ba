/**
 * A sampling step changes one row of logits in place: it rescales them, or forbids tokens by setting theirs to -Infinity. Steps
 * compose by running one after another, so each is a file of its own, made by a function that checks its settings once.
 */
import type { TokenHistory } from "./history.js";
import type { SamplingScratch } from "./scratch.js";

/**
 * @param logits (vocabulary): never NaN; -Infinity is a forbidden token, +Infinity a certain one
 * @param scratch `weights` and `candidates`, as long as `logits`, are free to use; `logits` itself is `scratch.logits`
 * @param history what the row has read and written, where the caller keeps it
 */
export type SamplingStep = (logits: Float32Array, scratch: SamplingScratch, history?: TokenHistory) => void;
