/**
 * Whether a training fits into this machine's memory, judged before anything is allocated: a size mistyped by three zeros should be
 * an answer at once, not a machine that swaps or a process that the kernel kills.
 *
 * The estimate counts floats: what is kept a parameter, what a step keeps a token and layer for the way back, the logits, and the
 * batches handed over in one call. Its factors are fitted to the peak memory of whole `atelier train` processes, from
 * 2 × 128 wide to 6 × 384 wide, contexts of 64 to 512 and batches of 4 to 32, all of which it meets within a third.
 */
import { totalmem } from "node:os";
import { AtelierError } from "@atelier/engine/errors";
import type { TransformerConfiguration } from "@atelier/models";
import type { TextModel } from "../families/text-family.js";
import type { TextRecipe } from "../recipe/schema.js";

/** A training that needs more memory than the machine has. */
export class MemoryError extends AtelierError {
  readonly code = "OUT_OF_MEMORY";
}

export interface MemoryEstimate {
  /** Parameters, gradients, optimiser state, with the copies made between calls. Bytes, as everything here. */
  readonly state: number;
  /** What a step keeps of every token for the way back. */
  readonly activations: number;
  /** Token ids of all batches of one call. */
  readonly batches: number;
  readonly total: number;
}

/** Node, ONNX Runtime, the texts and the n-gram baseline of a few MB of text. */
const PROCESS = 300e6;
const FLOAT = 4;
/** Copies of a kept float at the peak of a call: the host's, the runtime's input and output. */
const COPIES = 3.3;
/** Gradients and what optimisers compute on the way. */
const WORKING = 6;

/** Parameters of a transformer, without building it. */
export function parametersOf(c: TransformerConfiguration): number {
  const attention = c.width * (c.width + 2 * c.keyValueHeads * (c.width / c.heads)) + c.width * c.width;
  const mlp = (c.activation === "swiglu" ? 3 : 2) * c.width * c.hidden;
  const embeddings = (c.tiedHead ? 1 : 2) * c.vocabulary + (c.positions === "learned" ? c.context : 0);
  return c.layers * (attention + mlp) + c.width * embeddings;
}

type Sizes = Pick<TextModel, "configuration" | "predictionsARow">;

/** @param repeat steps made in one call of the runtime. */
export function estimateMemory(
  recipe: TextRecipe,
  { configuration: c, predictionsARow }: Sizes,
  repeat: number,
): MemoryEstimate {
  const { batch, accumulate, averageDecay, optimiser } = recipe.training;
  const parameters = parametersOf(c);
  const moments = optimiser.kind === "adamw" ? 2 : 1;
  const kept = 1 + moments + (averageDecay === undefined ? 0 : 1) + (accumulate > 1 ? 1 : 0);
  const tokens = batch * c.context;
  const aTokenAndLayer = 7 * c.width + 2 * c.hidden + 3 * c.heads * c.context;
  const state = FLOAT * parameters * (COPIES * kept + WORKING);
  const activations = FLOAT * batch * (c.context * c.layers * aTokenAndLayer + predictionsARow * 4 * c.vocabulary);
  const batches = 4 * FLOAT * tokens * accumulate * repeat;
  return { state, activations, batches, total: PROCESS + state + activations + batches };
}

/** The memory that this process may use: the machine's, or less where a container limits it. Bytes. */
export function machineMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * @returns a warning where the training needs more than is free now.
 * @throws {MemoryError} where it needs more than `memory`, saying how much, and what to make smaller.
 */
export function checkMemory(
  recipe: TextRecipe,
  sizes: Sizes,
  repeat: number,
  { memory = machineMemory(), free = process.availableMemory() } = {},
): string | undefined {
  const needed = estimateMemory(recipe, sizes, repeat);
  const { training, model } = recipe;
  const smaller = (): string =>
    needed.state >= Math.max(needed.activations, needed.batches)
      ? `model.width (${model.width}), model.layers (${model.layers})${recipe.codec.kind === "bpe" ? " or codec.vocabulary" : ""}`
      : needed.activations >= needed.batches
        ? `training.batch (${training.batch}; training.accumulate makes up for it) or model.context (${model.context})`
        : `training.accumulate (${training.accumulate}) or training.repeat (${repeat})`;
  return fitsMemory(needed.total, smaller, { memory, free });
}

/**
 * @param smaller what could be made smaller, in words
 * @returns a warning where more is needed than is free now. @throws {MemoryError} where more is needed than there is.
 */
export function fitsMemory(
  needed: number,
  smaller: () => string,
  { memory = machineMemory(), free = process.availableMemory() } = {},
): string | undefined {
  if (needed <= Math.min(memory, free)) return undefined;
  const figures = `about ${gigabytes(needed)}`;
  if (needed <= memory) {
    return `this training needs ${figures} of memory, and ${gigabytes(free)} are free: it may be slow, or be ended by the system`;
  }
  throw new MemoryError(`This training needs ${figures} of memory, and the machine has ${gigabytes(memory)}`, {
    hint: `Make ${smaller()} smaller.`,
  });
}

const gigabytes = (bytes: number): string =>
  bytes < 1e18
    ? `${(bytes / 1e9).toLocaleString("en-US", { maximumFractionDigits: 1 })} GB`
    : `${bytes.toExponential(1)} bytes`;
