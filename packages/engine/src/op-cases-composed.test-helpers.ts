/** Cases for what is composed of primitives: activations, rotary positions, attention, dropout and losses. */
import { hostTensor } from "./dtype.js";
import type { Tensor } from "./graph/tensor.js";
import { maskIn, spacedIn, uniformIn, wholeIn } from "./numeric.test-helpers.js";
import type { OpCase } from "./op-cases.test-helpers.js";
import { gelu, reluSquared, silu, softplus } from "./ops/activation.js";
import { attention, MASKED, rotary, rotaryTable } from "./ops/attention.js";
import { binaryCrossEntropyWithLogits, crossEntropy } from "./ops/loss.js";
import { RandomKey } from "./random/index.js";
import { Scope } from "./scope.js";

/** The key that cases draw from. */
export const caseKey = RandomKey.fromSeed(7);

const activation = (name: string, fn: (x: Tensor) => Tensor): OpCase => ({
  name,
  inputs: { x: spacedIn(name, [3, 4]) },
  fn: ({ x }) => fn(x!),
});

const heads = (name: string, groups: number, length = 3): ReturnType<typeof uniformIn> =>
  uniformIn(name, [2, groups, length, 4]);

/** Positions that may not be seen, one pattern an example: (B, 1, 1, S). */
const padding = hostTensor(Float32Array.of(0, 0, MASKED, 0, MASKED, MASKED), [2, 1, 1, 3]);

const logits = uniformIn("logits", [4, 5]);
const targets = wholeIn("targets", [4], 5);

export const attentionCases: readonly OpCase[] = [
  activation("gelu", (x) => gelu(x)),
  activation("gelu by tanh", (x) => gelu(x, "tanh")),
  activation("silu", silu),
  activation("reluSquared", reluSquared),
  activation("softplus", softplus),
  { name: "softplus at zero", inputs: { x: hostTensor(new Float32Array(3)) }, fn: ({ x }) => softplus(x!) },
  { name: "rotary", inputs: { x: heads("rotary", 2) }, fn: ({ x }) => rotary(x!, rotaryTable(3, 4)) },
  {
    name: "rotary of three axes, by angles that are learned",
    inputs: { x: uniformIn("turned", [2, 3, 4]), cos: uniformIn("cos", [3, 2]), sin: uniformIn("sin", [3, 2]) },
    fn: ({ x, cos, sin }) => rotary(x!, { cos: cos!, sin: sin! }),
  },
  {
    name: "rotary of rows at positions of their own",
    inputs: {
      x: heads("rows", 2),
      cos: uniformIn("rowCos", [2, 1, 3, 2]),
      sin: uniformIn("rowSin", [2, 1, 3, 2]),
    },
    fn: ({ x, cos, sin }) => rotary(x!, { cos: cos!, sin: sin! }),
  },
  {
    name: "attention",
    inputs: { q: heads("q", 2), k: heads("k", 2), v: heads("v", 2) },
    fn: ({ q, k, v }) => attention(q!, k!, v!),
  },
  {
    name: "attention, causal",
    inputs: { q: heads("q", 2), k: heads("k", 2), v: heads("v", 2) },
    fn: ({ q, k, v }) => attention(q!, k!, v!, { causal: true, scale: 0.8 }),
  },
  {
    name: "attention, causal over a longer past",
    inputs: { q: heads("q", 2, 2), k: heads("k", 2, 5), v: heads("v", 2, 5) },
    fn: ({ q, k, v }) => attention(q!, k!, v!, { causal: true }),
  },
  {
    name: "attention with a mask",
    inputs: { q: heads("q", 2), k: heads("k", 2), v: heads("v", 2), m: padding },
    fn: ({ q, k, v, m }) => attention(q!, k!, v!, { bias: m! }),
    by: ["q", "k", "v"],
  },
  {
    name: "attention with a mask for every pair of positions",
    inputs: { q: heads("q", 2), k: heads("k", 2), v: heads("v", 2), m: uniformIn("pairs", [2, 1, 3, 3]) },
    fn: ({ q, k, v, m }) => attention(q!, k!, v!, { bias: m! }),
  },
  {
    name: "attention of a batch to one example's keys",
    inputs: { q: heads("q", 2), k: uniformIn("k", [1, 2, 3, 4]), v: uniformIn("v", [1, 2, 3, 4]) },
    fn: ({ q, k, v }) => q!.matmul(k!.transposeLast()).mul(0.5).softmax().matmul(v!),
  },
  {
    name: "attention of grouped queries, causal",
    inputs: { q: heads("q", 4), k: heads("k", 2), v: heads("v", 2) },
    fn: ({ q, k, v }) => attention(q!, k!, v!, { causal: true }),
  },
  {
    name: "dropout",
    inputs: { x: uniformIn("dropout", [4, 6]) },
    fn: ({ x }) => Scope.over({ params: {} }, { training: true }).dropout("kept", x!, 0.25),
    random: { kept: hostTensor(caseKey.split("kept").bernoulli(new Uint8Array(24), 0.75), [4, 6]) },
  },
  { name: "crossEntropy", inputs: { x: logits, t: targets }, fn: ({ x, t }) => crossEntropy(x!, t!) },
  {
    name: "crossEntropy with a mask",
    inputs: { x: logits, t: targets, m: maskIn("masked", [4], 0.5) },
    fn: ({ x, t, m }) => crossEntropy(x!, t!, m!.cast("float32")),
  },
  {
    name: "crossEntropy with nothing unmasked",
    inputs: { x: logits, t: targets, m: maskIn("none", [4], 0) },
    fn: ({ x, t, m }) => crossEntropy(x!, t!, m!.cast("float32")),
  },
  {
    name: "binary cross-entropy",
    inputs: { x: logits, y: uniformIn("soft", [4, 5], 0, 1) },
    fn: ({ x, y }) => binaryCrossEntropyWithLogits(x!, y!),
  },
  {
    name: "binary cross-entropy with one target",
    inputs: { x: logits },
    fn: ({ x }) => binaryCrossEntropyWithLogits(x!, 1),
  },
];
