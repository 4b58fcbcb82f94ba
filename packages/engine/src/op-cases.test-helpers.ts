/**
 * One table of cases for every operation: what it computes, example inputs, and which of them it is differentiated by. Several suites
 * run the whole table: against the float64 oracle on the CPU and on WebGPU, and gradients against central differences. A primitive
 * that no case reaches fails the suite.
 */
import type { HostTensor } from "./dtype.js";
import { gradients } from "./gradient.js";
import type { Graph } from "./graph/graph.js";
import { apply, constant, input, scalar, Tensor } from "./graph/tensor.js";
import { uniformIn } from "./numeric.test-helpers.js";
import { attentionCases } from "./op-cases-composed.test-helpers.js";
import { convolutionCases } from "./op-cases-convolution.test-helpers.js";
import { elementwiseCases } from "./op-cases-elementwise.test-helpers.js";
import { indexingCases } from "./op-cases-indexing.test-helpers.js";
import { pictureCases } from "./op-cases-pictures.test-helpers.js";
import { quantizedCases } from "./op-cases-quantized.test-helpers.js";
import { reductionCases } from "./op-cases-reduce.test-helpers.js";

export interface OpCase {
  readonly name: string;
  readonly inputs: Readonly<Record<string, HostTensor>>;
  readonly fn: (x: Readonly<Record<string, Tensor>>) => Tensor | readonly Tensor[];
  /** The inputs it is differentiated by; all of float32 without this. */
  readonly by?: readonly string[];
  /** Random tensors it draws, by path: what the key `caseKey` fills them with. */
  readonly random?: Readonly<Record<string, HostTensor>>;
  /** Largest |a − b| / (1 + |b|) between float32 and the oracle. */
  readonly tolerance?: number;
}

export const opCases: readonly OpCase[] = [
  ...elementwiseCases,
  ...reductionCases,
  ...indexingCases,
  ...attentionCases,
  ...convolutionCases,
  ...pictureCases,
  ...quantizedCases,
];

export interface TracedCase {
  readonly forward: readonly Tensor[];
  /** A nonlinear scalar of the outputs, so that even a linear operation has second derivatives to get wrong. */
  readonly loss: Tensor | undefined;
  /** The loss by each input in `by`. */
  readonly first: readonly Tensor[];
  /** A weighted sum of the elements of `first`. */
  readonly slope: Tensor | undefined;
  /** `slope` by each input in `by`. */
  readonly second: readonly Tensor[];
  readonly by: readonly string[];
}

/** Σ w · (y + y² / 2) with fixed weights w. */
function probe(tensors: readonly Tensor[], name: string): Tensor {
  return tensors
    .map((y, i) => {
      const weights = constant(uniformIn(`${name}${i}`, y.shape, 0.3, 1.3));
      return y.add(y.square().mul(0.5)).mul(weights).sum();
    })
    .reduce((a, b) => a.add(b), scalar(0));
}

/** Traces a case with its inputs (given, or fresh ones under their own names), its gradient, and the gradient of that. */
export function traceCase(opCase: OpCase, given?: Readonly<Record<string, Tensor>>): TracedCase {
  const x =
    given ??
    Object.fromEntries(
      Object.entries(opCase.inputs).map(([name, { shape, dtype }]) => [name, input(name, shape, dtype)]),
    );
  const result = opCase.fn(x);
  const forward = result instanceof Tensor ? [result] : result;
  const by = opCase.by ?? Object.keys(opCase.inputs).filter((name) => x[name]!.dtype === "float32");
  const smooth = forward.filter((y) => y.dtype === "float32");
  if (by.length === 0 || smooth.length === 0) {
    return { forward, loss: undefined, first: [], slope: undefined, second: [], by: [] };
  }
  const inputs = by.map((name) => x[name]!);
  const loss = probe(smooth, "loss");
  const first = gradients(loss, inputs);
  const slope = probe(first, "slope");
  return { forward, loss, first, slope, second: gradients(slope, inputs), by };
}

export const namedOutputs = (prefix: string, tensors: readonly Tensor[]): [string, Tensor][] =>
  tensors.map((x, i) => [`${prefix}${i}`, x]);

export const graphOf = (...tensors: readonly Tensor[]): Graph => ({ outputs: new Map(namedOutputs("y", tensors)) });

/** A primitive that no method wraps. */
export const raw = apply;
