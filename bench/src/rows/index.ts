/** The benchmark's rows, in the order of the table. */

import { compileNanogptGpu } from "./compile-nanogpt-gpu.js";
import { curation } from "./curation.js";
import { decode1 } from "./decode-1.js";
import { decode16 } from "./decode-16.js";
import { decodeInt8 } from "./decode-int8.js";
import { grammarMask } from "./grammar-mask.js";
import { lossNanogpt } from "./loss-nanogpt.js";
import { memoryNanogptGpu } from "./memory-nanogpt-gpu.js";
import type { Row } from "./row.js";
import { stepNanogptCpu } from "./step-nanogpt-cpu.js";
import { stepNanogptGpu } from "./step-nanogpt-gpu.js";
import { stepTfjs } from "./step-tfjs.js";
import { stepTfjsTuned } from "./step-tfjs-tuned.js";
import { timeToLoss } from "./time-to-loss.js";

export const rows: readonly Row[] = [
  stepNanogptCpu,
  stepNanogptGpu,
  stepTfjs,
  stepTfjsTuned,
  lossNanogpt,
  timeToLoss,
  compileNanogptGpu,
  memoryNanogptGpu,
  decode1,
  decode16,
  decodeInt8,
  curation,
  grammarMask,
];
