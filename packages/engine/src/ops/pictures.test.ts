/** Pooling, resizing, padding and norms beside PyTorch's, which `bench/peers/make_picture_fixtures.py` recorded; and what they refuse. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.js";
import { hostTensor } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { gradients } from "../gradient.js";
import { constant, full, iota, type Tensor } from "../graph/tensor.js";
import { expectClose, uniformIn } from "../numeric.test-helpers.js";
import { interpret } from "../reference/index.js";
import { batchNorm, channelStatistics, groupNorm } from "./normalization.js";
import { pad } from "./pad.js";
import { averagePool, maxPool } from "./pooling.js";
import { resizeBilinear, resizeNearest } from "./resize.js";

interface Recorded {
  readonly shape: number[];
  readonly data: number[];
}
interface Case {
  readonly name: string;
  readonly x: Recorded;
  readonly y: Recorded;
  /** Of Σ y² / 2, by x. */
  readonly gradient: Recorded;
  readonly scale?: Recorded;
  readonly shift?: Recorded;
}

const fixture: { cases: Case[] } = JSON.parse(
  await readFile(new URL("./fixtures/torch-pictures.json", import.meta.url), "utf8"),
);
const tensorOf = ({ shape, data }: Recorded) => hostTensor(Float32Array.from(data), shape);

/** PyTorch pads the last axis first, and its pairs are (3, 1) and (0, 2). */
const widths = [
  [0, 0],
  [0, 0],
  [0, 2],
  [3, 1],
] as const;

type Op = (x: Tensor, scale: Tensor, shift: Tensor) => Tensor;
const ops: Readonly<Record<string, Op>> = {
  maxPool: (x) => maxPool(x, { kernel: 2 }),
  "maxPool overlapping": (x) => maxPool(x, { kernel: 3, stride: 2, padding: 1 }),
  "maxPool of one axis": (x) => maxPool(x, { kernel: 4, stride: 3, padding: 2 }),
  averagePool: (x) => averagePool(x, { kernel: 2 }),
  "averagePool overlapping": (x) => averagePool(x, { kernel: 3, stride: 2, padding: 1 }),
  "averagePool of three axes": (x) => averagePool(x, { kernel: [3, 2, 2], stride: 1 }),
  resizeNearest: (x) => resizeNearest(x, [10, 3]),
  "resizeNearest of three axes": (x) => resizeNearest(x, [6, 2, 7]),
  "resizeBilinear of one axis": (x) => resizeBilinear(x, 18),
  resizeBilinear: (x) => resizeBilinear(x, [10, 4]),
  "resizeBilinear of three axes": (x) => resizeBilinear(x, [5, 8, 2]),
  "pad reflect": (x) => pad(x, widths, "reflect"),
  "pad edge": (x) => pad(x, widths, "edge"),
  "pad constant": (x) => pad(x, widths, "constant", 0.7),
  groupNorm: (x, scale, shift) => groupNorm(x, 2, scale, shift),
  batchNorm: (x, scale, shift) => batchNorm(x, { ...channelStatistics(x), scale, shift }),
};

describe("as PyTorch computes it", () => {
  it.each(fixture.cases.map((recorded) => [recorded.name, recorded] as const))("%s", async (name, recorded) => {
    const run = compile((given: { x: Tensor; scale: Tensor; shift: Tensor }) => {
      const y = ops[name]!(given.x, given.scale, given.shift);
      return { y, gradient: gradients(y.square().sum().mul(0.5), [given.x])[0]! };
    });
    const none = hostTensor(new Float32Array(0));
    const { y, gradient } = await run({
      x: tensorOf(recorded.x),
      scale: recorded.scale === undefined ? none : tensorOf(recorded.scale),
      shift: recorded.shift === undefined ? none : tensorOf(recorded.shift),
    });
    await run.release();
    expectClose(y, tensorOf(recorded.y), 2e-6, "y");
    expectClose(gradient, tensorOf(recorded.gradient), 5e-6, "gradient");
  });

  it("covers every recorded case", () => {
    expect(fixture.cases.map(({ name }) => name).sort()).toEqual(Object.keys(ops).sort());
  });
});

describe("long axes", () => {
  it("with a whole factor take no large matrix", () => {
    const longer = resizeNearest(full([1, 1, 30_000], 1), 60_000);
    const largest = Math.max(...constantSizes(longer));
    expect(largest).toBeLessThanOrEqual(64 * 64);
  });

  it("without one gather instead: the mean of each window, by hand", () => {
    const x = uniformIn("long", [1, 1, 3001]);
    const y = averagePool(constant(x), { kernel: 3, stride: 2 });
    expect(Math.max(...constantSizes(y))).toBeLessThanOrEqual(3001);
    const expected = Array.from({ length: 1500 }, (_, o) => {
      const [a, b, c] = x.data.subarray(2 * o, 2 * o + 3);
      return (a! + b! + c!) / 3;
    });
    expectClose(interpret([y])[0]!, { shape: [1, 1, 1500], data: Float64Array.from(expected) }, 1e-7);
  });
});

/** The sizes of the constants of a graph. */
const constantSizes = (x: Tensor): number[] => {
  const sizes: number[] = [];
  const visit = ({ node }: Tensor): void => {
    if (node.op === "constant") sizes.push(node.outputs[0]!.shape.reduce((a, b) => a * b, 1));
    node.inputs.forEach(visit);
  };
  visit(x);
  return sizes;
};

describe("what does not fit is refused in words", () => {
  const x = full([2, 3, 4, 5], 1);
  it.each<[string, () => unknown, readonly string[]]>([
    ["no spatial axis", () => maxPool(full([2, 3], 1), { kernel: 2 }), ["maxPool", "[2, 3]"]],
    ["a kernel for another number of axes", () => maxPool(x, { kernel: [2] }), ["kernel", "[2]", "2 spatial axes"]],
    ["a stride of zero", () => averagePool(x, { kernel: 2, stride: 0 }), ["averagePool", "stride 0", "1 or more"]],
    ["more padding than half", () => maxPool(x, { kernel: 3, padding: 2 }), ["padding of 2", "window of 3"]],
    ["a window larger than the picture", () => averagePool(x, { kernel: 6 }), ["window of 6", "axis 2"]],
    ["half a pixel", () => resizeNearest(x, 2.5), ["resizeNearest", "size 2.5"]],
    ["a reflection beyond the picture", () => pad(full([3], 1), [[3, 0]], "reflect"), ["pad", "3 before", "[3]"]],
    ["widths for other axes", () => pad(x, [[1, 1]]), ["pad", "[1, 1]", "[2, 3, 4, 5]"]],
    ["an edge of nothing", () => pad(full([0], 1), [[1, 0]], "edge"), ["pad", "[0]"]],
    ["groups that do not fill", () => groupNorm(x, 2), ["groupNorm", "2 groups", "[2, 3, 4, 5]"]],
    ["statistics of a vector", () => channelStatistics(iota(3).cast("float32")), ["channelStatistics", "[3]"]],
  ])("%s", (_, fn, parts) => {
    expect(fn).toThrow(ShapeError);
    for (const part of parts) expect(fn).toThrow(part);
  });
});
