/** How fast this machine trains, from a second of real steps of a small model, and how much memory it has. */
import { CharacterCodec, TokenStream } from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import { familyNamed } from "../families/index.js";
import type { Placement } from "../families/text-family.js";
import { transformerConfiguration } from "../families/transformer-settings.js";
import { resolveTextRecipe } from "../recipe/resolve.js";
import { defaultThreads } from "../training/machine.js";
import { machineMemory } from "../training/memory.js";
import { repeatOf, trainerOptions } from "../training/plan.js";
import { Trainer } from "../training/trainer.js";
import { trainingFlops } from "./cost.js";

export interface Machine {
  /** Bytes that are free for a training. */
  readonly memory: number;
  /** Floating-point operations a second, in whole training steps of a model 128 wide. */
  readonly flops: number;
}

/** Seconds of measuring, beside some preparing of the graph. */
const MEASURED = 0.5;
const LETTERS = 96;

/** @throws typed errors of a device that is not there, the signal's reason. */
export async function measureMachine({
  device,
  threads = defaultThreads(),
  signal,
}: Placement & { readonly signal?: AbortSignal | undefined } = {}): Promise<Machine> {
  // Calls short enough that two of them are no wait.
  const recipe = resolveTextRecipe({ data: "random letters", training: { batch: 8, repeat: 4 } });
  const alphabet = Array.from({ length: LETTERS }, (_, i) => String.fromCodePoint(0x20 + i)).join("");
  const codec = CharacterCodec.fromTexts([alphabet]);
  const model = familyNamed(recipe.family).at(transformerConfiguration(recipe, LETTERS), codec);
  const draws = RandomKey.fromSeed(0).bits(new Uint32Array(1 << 14));
  const stream = new TokenStream(Int32Array.from(draws, (bits) => bits % LETTERS));
  const { trainable } = model;
  const batches = (key: RandomKey) => model.batches(stream, recipe, key);
  const trainer = new Trainer(trainerOptions(recipe, { trainable, batches }, { device, threads }));
  const repeat = repeatOf(recipe, model);
  try {
    await trainer.advance(repeat);
    const startedAt = performance.now();
    const from = trainer.done;
    do {
      signal?.throwIfAborted();
      await trainer.advance(repeat);
    } while (performance.now() - startedAt < MEASURED * 1000);
    const seconds = (performance.now() - startedAt) / 1000 / (trainer.done - from);
    const { batch } = recipe.training;
    return {
      memory: Math.min(machineMemory(), process.availableMemory()),
      flops: (trainingFlops(model.configuration) * batch * recipe.model.context) / seconds,
    };
  } finally {
    await trainer.release();
  }
}
