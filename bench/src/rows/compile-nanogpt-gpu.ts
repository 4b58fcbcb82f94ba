/** How long tracing, differentiating, optimising and compiling the 6×384 step takes; the "peer" is the bar, three seconds. */

import { ourSteps } from "./commands.js";
import { measureCompiling } from "./compile-row.js";
import type { Row } from "./row.js";

export const compileNanogptGpu: Row = {
  name: "compile-nanogpt-gpu",
  title: "trace, differentiate and compile the 6×384 step, against 3 s",
  unit: "s",
  bar: 1.0,
  needs: [],
  measure: (context) => measureCompiling(context, ourSteps("nanogpt-gpu", context), 3),
};
