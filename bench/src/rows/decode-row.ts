/** The part that the rows about generation share: greedy decoding of 128 tokens after 16, 6×384, against Hugging Face's `generate`. */

import { ourGeneration, transformersGeneration } from "./commands.js";
import type { Row } from "./row.js";
import { measureSteps } from "./step-row.js";

interface Decoding {
  readonly batch: number;
  readonly weights: "float32" | "int8";
  readonly bar: number;
}

export function decoding({ batch, weights, bar }: Decoding): Omit<Row, "name"> {
  const rounded = weights === "int8" ? ", 8-bit weights" : "";
  return {
    title: `greedy decoding, 6×384, ${batch} × 128 tokens${rounded}, against Hugging Face`,
    unit: "ms",
    bar,
    needs: weights === "int8" ? ["transformers", "text"] : ["transformers"],
    measure: (context) =>
      measureSteps(
        context,
        { ours: ourGeneration({ batch, weights }, context), peer: transformersGeneration(batch, context) },
        { ourSteps: 4, peerSteps: 2 },
      ),
  };
}
