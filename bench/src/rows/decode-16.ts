/** Greedy decoding of sixteen rows side by side, fp32 on both sides. */

import { decoding } from "./decode-row.js";
import type { Row } from "./row.js";

export const decode16: Row = {
  name: "decode-16",
  ...decoding({ batch: 16, weights: "float32", bar: 0.5 }),
};
