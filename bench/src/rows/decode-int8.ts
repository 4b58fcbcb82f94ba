/** Greedy decoding of one row with 8-bit weights, against fp32 of the peer; the note says what rounding costs in perplexity. */

import { decoding } from "./decode-row.js";
import type { Row } from "./row.js";

export const decodeInt8: Row = {
  name: "decode-int8",
  ...decoding({ batch: 1, weights: "int8", bar: 1 / 3 }),
};
