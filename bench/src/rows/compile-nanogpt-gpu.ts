/** How long tracing, differentiating, optimising and compiling the 6×384 step takes; the "peer" is the bar, three seconds. */

import { WorkerError } from "../errors.js";
import { median, range } from "../statistics.js";
import { WorkerProcess } from "../worker-process.js";
import { ourSteps } from "./commands.js";
import type { Row } from "./row.js";
import { describe } from "./step-row.js";

const allowedSeconds = 3;

export const compileNanogptGpu: Row = {
  name: "compile-nanogpt-gpu",
  title: "trace, differentiate and compile the 6×384 step, against 3 s",
  unit: "s",
  bar: 1.0,
  needs: [],
  async measure(context) {
    const seconds: number[] = [];
    let note = "";
    for (let round = 0; round < context.rounds; round += 1) {
      const { worker, ready } = await WorkerProcess.start(
        "our worker",
        ourSteps("nanogpt-gpu", context),
        context.threads,
      );
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
  },
};
