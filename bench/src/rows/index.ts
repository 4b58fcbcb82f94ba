/** The benchmark's rows, in the order of the table. */

import { compileNanogptGpu } from "./compile-nanogpt-gpu.js";
import { convolution } from "./convolution.js";
import { convolutionWeightGradient } from "./convolution-weight-gradient.js";
import { curation } from "./curation.js";
import { ddpm } from "./ddpm.js";
import { decode1 } from "./decode-1.js";
import { decode16 } from "./decode-16.js";
import { decodeInt8 } from "./decode-int8.js";
import { dit } from "./dit.js";
import { gan } from "./gan.js";
import { ganCompile } from "./gan-compile.js";
import { grammarMask } from "./grammar-mask.js";
import { lossNanogpt } from "./loss-nanogpt.js";
import { memoryNanogptGpu } from "./memory-nanogpt-gpu.js";
import { pictures } from "./pictures.js";
import type { Row } from "./row.js";
import { sampling } from "./sampling.js";
import { stepNanogptCpu } from "./step-nanogpt-cpu.js";
import { stepNanogptGpu } from "./step-nanogpt-gpu.js";
import { stepTfjs } from "./step-tfjs.js";
import { stepTfjsTuned } from "./step-tfjs-tuned.js";
import { timeToLoss } from "./time-to-loss.js";
import { unet } from "./unet.js";
import { vae } from "./vae.js";
import { vaeLoss } from "./vae-loss.js";

export const rows: readonly Row[] = [
  stepNanogptCpu,
  stepNanogptGpu,
  stepTfjs,
  stepTfjsTuned,
  lossNanogpt,
  timeToLoss,
  compileNanogptGpu,
  memoryNanogptGpu,
  unet,
  dit,
  sampling,
  ddpm,
  gan,
  ganCompile,
  vae,
  vaeLoss,
  convolution,
  convolutionWeightGradient,
  decode1,
  decode16,
  decodeInt8,
  curation,
  pictures,
  grammarMask,
];
