/** Greedy decoding of one row, fp32 on both sides. */

import { decoding } from "./decode-row.js";
import type { Row } from "./row.js";

export const decode1: Row = {
  name: "decode-1",
  ...decoding({ batch: 1, weights: "float32", bar: 0.5 }),
};
