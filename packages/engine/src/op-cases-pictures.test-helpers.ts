/** Cases for pooling, resizing, padding, group norm and batch norm. */
import type { HostTensor } from "./dtype.js";
import type { Tensor } from "./graph/tensor.js";
import { spacedIn, uniformIn, wholeIn } from "./numeric.test-helpers.js";
import type { OpCase } from "./op-cases.test-helpers.js";
import { batchNorm, channelStatistics, groupNorm } from "./ops/normalization.js";
import { pad } from "./ops/pad.js";
import { averagePool, maxPool } from "./ops/pooling.js";
import { resizeBilinear, resizeNearest } from "./ops/resize.js";

/** Elements stand far apart, so that differences do not change which of them is the largest. */
const of = (name: string, shape: readonly number[], fn: (x: Tensor) => Tensor, x = spacedIn(name, shape)): OpCase => ({
  name,
  inputs: { x },
  fn: ({ x }) => fn(x!),
});

const pooling: readonly OpCase[] = [
  of("maxPool", [2, 2, 4, 6], (x) => maxPool(x, { kernel: 2 })),
  of("maxPool of one axis, a rest left over", [1, 2, 7], (x) => maxPool(x, { kernel: 3 })),
  of("maxPool, overlapping and padded", [1, 2, 5, 6], (x) => maxPool(x, { kernel: 3, stride: 2, padding: 1 })),
  of("maxPool, windows apart", [1, 1, 5, 7], (x) => maxPool(x, { kernel: [2, 1], stride: 3 })),
  of("maxPool of three axes", [1, 1, 2, 3, 4], (x) => maxPool(x, { kernel: [1, 2, 2], stride: 1 })),
  of("averagePool", [2, 2, 4, 6], (x) => averagePool(x, { kernel: 2 })),
  of("averagePool, overlapping and padded", [1, 2, 5, 4], (x) => averagePool(x, { kernel: 3, stride: 2, padding: 1 })),
  of("averagePool of three axes, a rest left over", [1, 2, 2, 5, 4], (x) => averagePool(x, { kernel: 2 })),
];

const resizing: readonly OpCase[] = [
  of("resizeNearest by 2", [2, 2, 3, 2], (x) => resizeNearest(x, [6, 4])),
  of("resizeNearest of one axis, shrinking", [1, 2, 5], (x) => resizeNearest(x, 3)),
  of("resizeNearest of one axis in blocks", [1, 1, 96], (x) => resizeNearest(x, 192), uniformIn("blocks", [1, 1, 96])),
  of("resizeBilinear by 2", [2, 2, 3, 2], (x) => resizeBilinear(x, [6, 4])),
  of("resizeBilinear, one axis shrinking", [1, 2, 5, 3], (x) => resizeBilinear(x, [3, 4])),
  of("resizeBilinear of three axes", [1, 1, 2, 3, 2], (x) => resizeBilinear(x, [3, 2, 4])),
];

const box = [2, 3, 4];
const widths = [
  [0, 1],
  [2, 0],
  [1, 2],
] as const;
const wholes: HostTensor = wholeIn("padded", [2, 3], 9);

const padding: readonly OpCase[] = [
  of("pad by zeros", box, (x) => pad(x, widths)),
  of("pad by a number", box, (x) => pad(x, widths, "constant", -1.5)),
  of("pad by reflection", box, (x) => pad(x, widths, "reflect")),
  of("pad by the edge", box, (x) => pad(x, widths, "edge")),
  of(
    "pad by the edge, int32",
    box,
    (x) =>
      pad(
        x,
        [
          [1, 0],
          [2, 3],
        ],
        "edge",
      ),
    wholes,
  ),
];

const picture = uniformIn("picture", [2, 4, 3, 2]);
const channels = { s: uniformIn("channel scale", [4], 0.5, 1.5), b: uniformIn("channel shift", [4]) };

const norms: readonly OpCase[] = [
  of("groupNorm", [], (x) => groupNorm(x, 2), picture),
  {
    name: "groupNorm with scale and shift",
    inputs: { x: picture, ...channels },
    fn: ({ x, s, b }) => groupNorm(x!, 4, s!, b!, 1e-3),
  },
  {
    name: "batchNorm by given statistics",
    inputs: { x: picture, ...channels, m: uniformIn("means", [4]), v: uniformIn("variances", [4], 0.5, 2) },
    fn: ({ x, s, b, m, v }) => batchNorm(x!, { mean: m!, variance: v!, scale: s!, shift: b! }),
  },
  {
    name: "batchNorm by the batch",
    inputs: { x: picture, ...channels },
    fn: ({ x, s, b }) => batchNorm(x!, { ...channelStatistics(x!), scale: s!, shift: b! }),
  },
];

export const pictureCases: readonly OpCase[] = [...pooling, ...resizing, ...padding, ...norms];
