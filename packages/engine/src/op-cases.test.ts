/** Every operation on the CPU against the float64 oracle, and its first and second derivatives against central differences. */
import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import type { HostTensor } from "./dtype.js";
import { nodesOf } from "./graph/graph.js";
import type { Tensor } from "./graph/tensor.js";
import { directionalDifference, expectClose, partialDifference, toDense } from "./numeric.test-helpers.js";
import { graphOf, namedOutputs, opCases, traceCase } from "./op-cases.test-helpers.js";
import { caseKey } from "./op-cases-composed.test-helpers.js";
import { cleaning, fusing, runPasses } from "./passes/index.js";
import { allPrimitives } from "./primitives/index.js";
import { interpret } from "./reference/index.js";

/** Gradients of large inputs are compared at this many of their elements, spread evenly. */
const SAMPLED = 24;

/** At least 24 digits of direction: an irrational stride visits both signs and all sizes. */
const direction = (i: number): number => Math.sin(1 + i * 2.399963);

describe.each(opCases.map((opCase) => [opCase.name, opCase] as const))("%s", (_, opCase) => {
  const bindings = toDense({ ...opCase.inputs, ...opCase.random });
  const tolerance = opCase.tolerance ?? 2e-6;

  const run = async (pick: (traced: ReturnType<typeof traceCase>) => readonly Tensor[]): Promise<HostTensor[]> => {
    const step = compile((x: Record<string, Tensor>) =>
      Object.fromEntries(namedOutputs("y", pick(traceCase(opCase, x)))),
    );
    const out = await step(opCase.inputs, { keys: caseKey });
    await step.release();
    return Object.values(out);
  };

  it("computes what the oracle does", async () => {
    const actual = await run(({ forward }) => forward);
    const { forward } = traceCase(opCase);
    interpret(forward, bindings).forEach((expected, i) => {
      expectClose(actual[i]!, expected, tolerance, `output ${i}`);
      expect(actual[i]!.dtype).toBe(forward[i]!.dtype);
    });
  });

  const traced = traceCase(opCase);
  const { loss, slope } = traced;
  if (loss === undefined || slope === undefined) return;

  it("has the gradient that central differences give", () => {
    interpret(traced.first, bindings).forEach((gradient, i) => {
      const name = traced.by[i]!;
      expect(gradient.shape).toEqual(opCase.inputs[name]!.shape);
      const stride = Math.max(1, Math.floor(gradient.data.length / SAMPLED));
      for (let element = 0; element < gradient.data.length; element += stride) {
        const expected = partialDifference(loss, bindings, name, element);
        expect(gradient.data[element], `∂/∂${name}[${element}]`).toSatisfy(
          (value: number) => Math.abs(value - expected) <= 2e-7 * (1 + Math.abs(expected)),
          `${expected} ± 2e-7`,
        );
      }
    });
  });

  it("has the second derivatives that differences of the gradient give", () => {
    interpret(traced.second, bindings).forEach((gradient, i) => {
      const name = traced.by[i]!;
      const actual = gradient.data.reduce((sum, value, at) => sum + value * direction(at), 0);
      const expected = directionalDifference(slope, bindings, name, direction);
      expect(Math.abs(actual - expected) / (1 + Math.abs(expected)), `${name}: ${actual} for ${expected}`).toBeLessThan(
        1e-6,
      );
    });
  });

  it("computes both derivatives as the oracle does", async () => {
    const actual = await run(({ first, second }) => [...first, ...second]);
    interpret([...traced.first, ...traced.second], bindings).forEach((expected, i) => {
      expectClose(actual[i]!, expected, 10 * tolerance, `derivative ${i}`);
    });
  });
});

it("reaches every primitive", () => {
  const reached = new Set(
    opCases.flatMap((opCase) => {
      const { forward, first, second } = traceCase(opCase);
      const traced = graphOf(...forward, ...first, ...second);
      const chosen = runPasses(runPasses(graphOf(...forward), cleaning), fusing);
      return [...nodesOf(traced), ...nodesOf(chosen)].map((node) => node.op);
    }),
  );
  const missing = allPrimitives().map(({ name }) => name);
  expect(missing.filter((name) => !reached.has(name))).toEqual([]);
});
