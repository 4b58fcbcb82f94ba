/** How long tracing, differentiating (twice, for R1 and R2), optimising and compiling a step of R3GAN takes; the "peer" is the bar, ten seconds. */

import { ourGanSteps } from "./commands.js";
import { measureCompiling } from "./compile-row.js";
import type { Row } from "./row.js";

export const ganCompile: Row = {
  name: "gan-compile",
  title: "trace, differentiate and compile a step of R3GAN, 32×32×3, against 10 s",
  unit: "s",
  bar: 1.0,
  needs: [],
  measure: (context) => measureCompiling(context, ourGanSteps(context), 10),
};
