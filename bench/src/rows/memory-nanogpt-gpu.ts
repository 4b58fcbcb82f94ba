/** The peak resident memory of the process that trains the 6×384 model, compiling included, against PyTorch's. */

import { ourSteps, torchSteps } from "./commands.js";
import type { Row } from "./row.js";
import { withWorkers } from "./step-row.js";

const steps = 8;
const bytesInMegabyte = 1e6;

export const memoryNanogptGpu: Row = {
  name: "memory-nanogpt-gpu",
  title: "peak memory of training 6×384, against PyTorch",
  unit: "MB",
  bar: 1.5,
  needs: ["python"],
  measure: (context) =>
    withWorkers(
      context,
      { ours: ourSteps("nanogpt-gpu", context), peer: torchSteps("nanogpt-gpu", context) },
      async (our, their, note) => {
        await our.steps(steps);
        const ours = (await our.memory()) / bytesInMegabyte;
        context.progress(`ours ${ours.toFixed(0)} MB`);
        await their.steps(steps);
        const peer = (await their.memory()) / bytesInMegabyte;
        return { ours, peer, ratio: ours / peer, note: `after ${steps} steps: ${note}` };
      },
    ),
};
