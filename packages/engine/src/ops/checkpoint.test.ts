/** Recomputation gives the same gradients as keeping, with less memory, through ONNX Runtime's own optimisers. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.js";
import { type HostTensor, hostTensor } from "../dtype.js";
import { gradients } from "../gradient.js";
import { nodesOf } from "../graph/graph.js";
import { input, type Tensor } from "../graph/tensor.js";
import { expectClose, toDense, uniformIn } from "../numeric.test-helpers.js";
import { interpret } from "../reference/index.js";
import { Scope } from "../scope.js";
import { checkpoint } from "./checkpoint.js";

type Keep = (fn: () => Tensor) => Tensor;
const keep: Keep = (fn) => fn();

const inputs = { x: uniformIn("x", [3, 4]), w: uniformIn("w", [4, 4]), v: uniformIn("v", [4]) };
const given = (): Record<keyof typeof inputs, Tensor> => ({
  x: input("x", [3, 4], "float32"),
  w: input("w", [4, 4], "float32"),
  v: input("v", [4], "float32"),
});

/** Weights shared between segments, nested segments, a segment on leaves alone, and a mask drawn inside. */
function losses(maybe: Keep): { loss: Tensor; x: Tensor; w: Tensor; v: Tensor } {
  const { x, w, v } = given();
  const scope = Scope.over({ params: {} }, { training: true });
  const first = maybe(() => x.matmul(w).tanh().mul(v));
  const second = maybe(() => {
    const inner = maybe(() => first.sin().matmul(w).exp());
    return scope.dropout("drop", inner, 0.5).add(first).mul(v);
  });
  const mask = second.less(first);
  const third = maybe(() => mask.select(second.square(), second.matmul(w)));
  return { loss: third.mul(third.sigmoid()).mean(), x, w, v };
}

const dropped = hostTensor(Uint8Array.of(1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0), [3, 4]);

describe("checkpoint", () => {
  const derivatives = (maybe: Keep): Tensor[] => {
    const { loss, x, w, v } = losses(maybe);
    const first = gradients(loss, [x, w, v]);
    const second = gradients(
      first.map((slope) => slope.square().sum()).reduce((a, b) => a.add(b)),
      [x, w, v],
    );
    return [loss, ...first, ...second];
  };

  it("changes no value, gradient or second derivative", () => {
    const bindings = toDense({ ...inputs, drop: dropped });
    const expected = interpret(derivatives(keep), bindings);
    interpret(derivatives(checkpoint), bindings).forEach((actual, i) => {
      expectClose(actual, expected[i]!, 1e-12, `result ${i}`);
    });
  });

  it("computes again what it holds: the inner operations appear twice, on the CPU's graph too", () => {
    const count = (maybe: Keep): number => {
      const fn = compile(({ x, w }: { x: Tensor; w: Tensor }) => {
        const h = x.matmul(w);
        const y = maybe(() => h.tanh().matmul(w).sin());
        return { slope: gradients(y.square().sum(), [w])[0]! };
      });
      return nodesOf(fn.graphFor({ x: inputs.x, w: inputs.w })).filter(({ op }) => op === "tanh").length;
    };
    expect([count(keep), count(checkpoint)]).toEqual([1, 2]);
  });

  it("also where a segment holds leaves alone", () => {
    const { x, w } = given();
    const y = checkpoint(() => x.matmul(w).tanh().sum());
    const slopes = gradients(y.mul(y), [x, w]);
    const fn = compile(({ x, w }: { x: Tensor; w: Tensor }) => {
      const total = checkpoint(() => x.matmul(w).tanh().sum());
      const [byX, byW] = gradients(total.mul(total), [x, w]);
      return { byX: byX!, byW: byW! };
    });
    expect(nodesOf(fn.graphFor({ x: inputs.x, w: inputs.w })).filter(({ op }) => op === "tanh")).toHaveLength(2);
    expect(slopes.map(({ shape }) => [...shape])).toEqual([
      [3, 4],
      [4, 4],
    ]);
  });

  it("returns what was not computed inside as it is", () => {
    const { x } = given();
    expect(checkpoint(() => x)).toBe(x);
  });
});

/** The most memory this process has held since the last reset, in bytes (Linux). */
const peak = (): number => Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
const resident = (): number => Number(/VmRSS:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
const resetPeak = (): void => writeFileSync("/proc/self/clear_refs", "5");

describe.skipIf(process.platform !== "linux")("memory on the CPU", () => {
  const [rows, width, layers] = [4096, 256, 16]; // one activation: 4 MB

  /** What running the gradient of a deep stack holds at most, beyond what the process held before. */
  async function measure(maybe: Keep): Promise<{ bytes: number; slope: HostTensor }> {
    const step = compile(
      ({ x, w }: { x: Tensor; w: Tensor }) => {
        let h = x.mul(0.5);
        for (let layer = 0; layer < layers; layer++) {
          const before = h;
          h = maybe(() => {
            let inner = before.matmul(w);
            for (let i = 0; i < 4; i++) inner = inner.sin().mul(inner.tanh().add(1));
            return inner;
          });
        }
        return { slope: gradients(h.square().mean(), [w])[0]! };
      },
      { threads: 2 },
    );
    const feeds = { x: uniformIn("deep", [rows, width]), w: uniformIn("weight", [width, width], -0.1, 0.1) };
    await step.prepare(feeds);
    resetPeak();
    const before = resident();
    const { slope } = await step(feeds);
    const bytes = peak() - before;
    await step.release();
    return { bytes, slope };
  }

  it("falls to less than half for a deep stack, with the same gradient", async () => {
    const recomputed = await measure(checkpoint);
    const kept = await measure(keep);
    console.info(`peak of the run: kept ${kept.bytes >> 20} MB, recomputed ${recomputed.bytes >> 20} MB`);
    // Keeping holds about 13 activations a layer; recomputing one a layer and those of a single layer.
    expect(recomputed.bytes).toBeLessThan(0.5 * kept.bytes);
    expectClose(recomputed.slope, kept.slope, 1e-6);
  });
});
