/** Rows that measure how long a step takes to be traced, differentiated, optimised and compiled; the "peer" is the bar, in seconds. */

import { WorkerError } from "../errors.js";
import { median, range } from "../statistics.js";
import { type Command, WorkerProcess } from "../worker-process.js";
import type { BenchContext, Measurement } from "./row.js";
import { describe } from "./step-row.js";

/** Starts the worker anew each round. */
export async function measureCompiling(
  context: BenchContext,
  command: Command,
  allowedSeconds: number,
): Promise<Measurement> {
  const seconds: number[] = [];
  let note = "";
  for (let round = 0; round < context.rounds; round += 1) {
    const { worker, ready } = await WorkerProcess.start("our worker", command, context.threads);
    await worker.close();
    if (ready.compileMilliseconds === undefined) {
      throw new WorkerError("Our worker did not say how long it compiled.");
    }
    seconds.push(ready.compileMilliseconds / 1000);
    note = `a fresh process each of ${context.rounds} times: ${describe(ready)}`;
    context.progress(`round ${round + 1} of ${context.rounds}: ${seconds.at(-1)!.toFixed(2)} s`);
  }
  const [least, greatest] = range(seconds);
  return {
    ours: median(seconds),
    peer: allowedSeconds,
    ratio: median(seconds) / allowedSeconds,
    range: [least / allowedSeconds, greatest / allowedSeconds],
    note,
  };
}
