/**
 * Every operation on WebGPU, forward and backward, with the CPU fallback disabled: what the provider would hand back to the CPU fails
 * here. Without an adapter the suite says so and is skipped. Software adapters are slow: many operations share a session.
 */
import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { hostTensor } from "./dtype.js";
import { valueAndGrad } from "./gradient.js";
import type { Tensor } from "./graph/tensor.js";
import { expectClose, toDense } from "./numeric.test-helpers.js";
import { namedOutputs, type OpCase, opCases, traceCase } from "./op-cases.test-helpers.js";
import { caseKey } from "./op-cases-composed.test-helpers.js";
import { RandomKey } from "./random/index.js";
import { interpret } from "./reference/index.js";
import { Scope } from "./scope.js";
import { smallTransformer } from "./small-transformer.test-helpers.js";
import { mapTree } from "./tree.js";
import { whyNoWebGpu } from "./webgpu.test-helpers.js";

const reason = await whyNoWebGpu();
if (reason !== undefined) console.warn(`WebGPU is not tested here: ${reason}`);

/** Operations a session. */
const BATCH = 30;

/** WebGPU asks of sin and cos an absolute error of 2^-11 only, and exp is right to a few units in the last place. */
const toleranceOf = ({ name }: OpCase): number => (/sin|cos|checkpoint/.test(name) ? 5e-4 : 1e-5);

const batches = Array.from({ length: Math.ceil(opCases.length / BATCH) }, (_, i) =>
  opCases.slice(i * BATCH, (i + 1) * BATCH),
);

describe.skipIf(reason !== undefined)("on WebGPU", () => {
  it.each(batches.map((batch, i) => [i, batch[0]!.name, batch] as const))(
    "batch %i, from %s on: values, gradients and second derivatives are the oracle's",
    async (_, __, batch) => {
      const results = (opCase: OpCase, given?: Readonly<Record<string, Tensor>>): readonly Tensor[] => {
        const { forward, first, second } = traceCase(opCase, given);
        return [...forward, ...first, ...second];
      };
      const step = compile(
        (x: Record<string, Record<string, Tensor>>) =>
          Object.fromEntries(
            batch.map((opCase, i) => [`c${i}`, Object.fromEntries(namedOutputs("y", results(opCase, x[`c${i}`])))]),
          ),
        { device: "webgpu", strict: true },
      );
      const actual = await step(Object.fromEntries(batch.map(({ inputs }, i) => [`c${i}`, inputs])), { keys: caseKey });
      await step.release();
      batch.forEach((opCase, i) => {
        const expected = interpret(results(opCase), toDense({ ...opCase.inputs, ...opCase.random }));
        expected.forEach((dense, j) => {
          expectClose(actual[`c${i}`]![`y${j}`]!, dense, toleranceOf(opCase), `${opCase.name}, result ${j}`);
        });
      });
    },
  );

  it("trains a small transformer as the CPU does", async () => {
    const model = smallTransformer({ layers: 1, heads: 2, groups: 1, width: 8, vocabulary: 7 });
    const { params } = Scope.declare((scope) => model(scope, 2, 5), RandomKey.fromSeed(3));
    const tokens = hostTensor(Int32Array.of(1, 0, 6, 2, 2, 5, 3, 3, 4, 1), [2, 5]);
    const targets = hostTensor(Int32Array.of(0, 6, 2, 2, 1, 3, 3, 4, 1, 0), [10]);
    const train = async (device: "cpu" | "webgpu") => {
      const step = compile(
        ({ params, tokens, targets }: { params: Record<string, Tensor>; tokens: Tensor; targets: Tensor }) => {
          const { value, grads } = valueAndGrad((tree: Record<string, Tensor>) =>
            model.loss(Scope.over({ params: tree }, { training: true }), tokens, targets),
          )(params);
          const updated = mapTree<Tensor, Tensor>(params, (leaf, path) => {
            const at = path.split(".").reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], grads);
            return leaf.sub((at as Tensor).mul(0.1));
          });
          return { params: updated as Record<string, Tensor>, loss: value };
        },
        { device, strict: device === "webgpu", donate: ["params"] },
      );
      let state: Parameters<typeof step>[0]["params"] = params as never;
      const losses: number[] = [];
      for (let i = 0; i < 3; i++) {
        const out = await step({ params: state, tokens, targets }, { keys: RandomKey.fromSeed(5).at(i) });
        losses.push(out.loss.data[0]!);
        state = out.params;
      }
      await step.release();
      return losses;
    };
    const [cpu, gpu] = [await train("cpu"), await train("webgpu")];
    expect(cpu[2]).toBeLessThan(cpu[0]!);
    gpu.forEach((loss, i) => {
      expect(loss).toBeCloseTo(cpu[i]!, 4);
    });
  });
});
