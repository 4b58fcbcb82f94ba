/**
 * Pooling over windows of 1 to 3 spatial axes: maxima as chains of comparisons between shifted parts, averages as `resample` makes
 * them, one axis after the other, since both are separable. x: (N, C, …spatial).
 */
import { located } from "../graph/place.js";
import type { Tensor } from "../graph/tensor.js";
import { describeShape } from "../shape.js";
import type { PerAxis } from "./convolution.js";
import { pad } from "./pad.js";
import { resample } from "./resample.js";
import { perAxis } from "./spatial.js";

export interface PoolingOptions {
  /** Size of the window. */
  readonly kernel: PerAxis;
  /** Distance between windows; the size of one without it. */
  readonly stride?: PerAxis;
  /** How far windows reach beyond each end of an axis; at most half of their size. */
  readonly padding?: PerAxis;
}

/** The windows along one spatial axis. What is left at the end of the axis and fills no window is not read. */
interface Windows {
  readonly axis: number;
  readonly length: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly count: number;
}

/**
 * The largest element of each window; padding is never the largest. Of equal elements the first has the gradient, as in PyTorch.
 * @throws {ShapeError}
 */
export function maxPool(x: Tensor, options: PoolingOptions): Tensor {
  return windowsOf("maxPool", x, options).reduceRight(largest, x);
}

/** The mean of each window, zeros in the padding counted among its elements (PyTorch's count_include_pad). @throws {ShapeError} */
export function averagePool(x: Tensor, options: PoolingOptions): Tensor {
  return windowsOf("averagePool", x, options).reduceRight((y, { axis, length, kernel, stride, padding, count }) => {
    const weight = 1 / kernel;
    return resample(y, axis, count, (output) => {
      const inside = Array.from({ length: kernel }, (_, i) => output * stride - padding + i);
      return inside.filter((i) => i >= 0 && i < length).map((i) => [i, weight] as const);
    });
  }, x);
}

function windowsOf(op: string, x: Tensor, options: PoolingOptions): Windows[] {
  const kernels = perAxis(op, "kernel", options.kernel, x, 1);
  const strides = perAxis(op, "stride", options.stride ?? kernels, x, 1);
  const paddings = perAxis(op, "padding", options.padding ?? 0, x, 0);
  return kernels.map((kernel, i) => {
    const [stride, padding, length] = [strides[i]!, paddings[i]!, x.shape[i + 2]!];
    if (padding * 2 > kernel) {
      throw located(op, `a padding of ${padding} is more than half of a window of ${kernel}`, [x]);
    }
    const count = Math.floor((length + 2 * padding - kernel) / stride) + 1;
    if (count < 1) {
      const kind = `no window of ${kernel} with a padding of ${padding}`;
      throw located(op, `${kind} fits in axis ${i + 2} of ${describeShape(x.shape)}`, [x]);
    }
    return { axis: i + 2, length, kernel, stride, padding, count };
  });
}

/** Below every finite number. Not −∞, which shaders need not support. */
const LOWEST = -3.4028234663852886e38;

/**
 * The axis is cut into steps of one stride. Element o of every window stands in place o mod stride of a step, so that each place of
 * all steps is one part, and a window's elements are that part or the part some steps on.
 */
function largest(x: Tensor, { axis, length, kernel, stride, padding, count }: Windows): Tensor {
  const steps = count + Math.ceil(kernel / stride) - 1;
  const missing = steps * stride - length - padding;
  const around = (n: number): [number, number][] => x.shape.map((_, i) => (i === axis ? [padding, n] : [0, 0]));
  const padded = missing > 0 || padding > 0 ? pad(x, around(Math.max(0, missing)), "constant", LOWEST) : x;
  const cut = padded.slice(axis, 0, steps * stride);
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const places = cut
    .reshape([...before, steps, stride, ...after])
    .split(new Array<number>(stride).fill(1), axis + 1)
    .slice(0, kernel)
    .map((place) => place.reshape([...before, steps, ...after]));
  const shifted = Array.from({ length: kernel }, (_, o) => {
    const start = Math.floor(o / stride);
    return places[o % stride]!.slice(axis, start, start + count);
  });
  return shifted.reduce((a, b) => a.maximum(b));
}
