/**
 * Cases for convolution and transposed convolution. Through first and second derivatives each reaches all three primitives, so one
 * case stands for one geometry: what differs is which form the lowering chooses.
 */
import { uniformIn } from "./numeric.test-helpers.js";
import type { OpCase } from "./op-cases.test-helpers.js";
import { type ConvOptions, type ConvTransposeOptions, conv, convTranspose } from "./ops/convolution.js";

const convolution = (
  name: string,
  x: readonly number[],
  weight: readonly number[],
  options: ConvOptions = {},
): OpCase => ({
  name: `conv ${name}`,
  inputs: { x: uniformIn(`${name} x`, x, -1, 1), w: uniformIn(`${name} w`, weight, -0.5, 0.5) },
  fn: ({ x, w }) => conv(x!, w!, options),
});

const transposed = (
  name: string,
  x: readonly number[],
  weight: readonly number[],
  options: ConvTransposeOptions = {},
): OpCase => ({
  name: `convTranspose ${name}`,
  inputs: { x: uniformIn(`${name} x`, x, -1, 1), w: uniformIn(`${name} w`, weight, -0.5, 0.5) },
  fn: ({ x, w }) => convTranspose(x!, w!, options),
});

export const convolutionCases: readonly OpCase[] = [
  convolution("of one axis", [2, 2, 6], [3, 2, 3], { padding: 1 }),
  convolution("of one axis, stride and dilation", [2, 2, 9], [2, 2, 3], { stride: 2, dilation: 2, padding: 1 }),
  convolution("3 × 3", [2, 2, 4, 5], [3, 2, 3, 3], { padding: 1 }),
  convolution("to fewer channels", [2, 3, 4, 3], [2, 3, 3, 3], { padding: 1 }),
  convolution("of many channels, stride 2", [1, 100, 5], [2, 100, 3], { stride: 2 }),
  convolution("3 × 3 without padding", [1, 2, 4, 4], [2, 2, 3, 3]),
  convolution("3 × 3, stride 2", [2, 2, 5, 6], [2, 2, 3, 3], { stride: 2, padding: 1 }),
  convolution("4 × 4, stride 2", [2, 2, 6, 4], [2, 2, 4, 4], { stride: 2, padding: 1 }),
  convolution("2 × 2, stride 2", [1, 2, 4, 6], [3, 2, 2, 2], { stride: 2 }),
  convolution("of patches that leave a rest", [1, 2, 7, 5], [2, 2, 2, 2], { stride: [3, 2] }),
  convolution("1 × 1", [2, 3, 3, 2], [2, 3, 1, 1]),
  convolution("1 × 1, stride 2 and padding", [2, 2, 4, 3], [2, 2, 1, 1], { stride: 2, padding: 1 }),
  convolution("dilated", [1, 2, 6, 5], [2, 2, 3, 2], { dilation: [2, 3], padding: [2, 1] }),
  convolution("padded beyond the kernel", [1, 2, 3, 3], [2, 2, 2, 2], { padding: 2 }),
  convolution("in groups", [2, 4, 4, 4], [6, 2, 3, 3], { groups: 2, padding: 1 }),
  convolution("in groups, stride 2", [2, 4, 5, 4], [4, 2, 3, 3], { groups: 2, padding: 1, stride: 2 }),
  convolution("depthwise", [2, 3, 4, 4], [3, 1, 3, 3], { groups: 3, padding: 1 }),
  convolution("depthwise, stride 2, two of each", [1, 2, 5, 5], [4, 1, 3, 3], { groups: 2, padding: 1, stride: 2 }),
  convolution("of three axes", [1, 2, 3, 4, 3], [2, 2, 2, 3, 2], { padding: [0, 1, 1] }),
  convolution("of three axes, stride 2", [1, 2, 4, 3, 4], [2, 2, 2, 3, 2], { stride: 2, padding: [0, 1, 0] }),
  transposed("of one axis, stride 3", [2, 2, 3], [2, 3, 4], { stride: 3, padding: 1, outputPadding: 1 }),
  transposed("3 × 3", [2, 2, 4, 3], [2, 3, 3, 3], { padding: 1 }),
  transposed("4 × 4, stride 2", [2, 2, 3, 2], [2, 2, 4, 4], { stride: 2, padding: 1 }),
  transposed("3 × 3, stride 2, longer by one", [1, 2, 2, 3], [2, 2, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }),
  transposed("in groups, dilated", [1, 4, 3, 3], [4, 2, 2, 2], {
    groups: 2,
    dilation: 2,
    stride: 2,
    outputPadding: [0, 1],
  }),
  transposed("of three axes in groups", [1, 4, 2, 1, 2], [4, 1, 2, 2, 2], { groups: 2, stride: 2 }),
  transposed("of three axes", [1, 2, 2, 2, 2], [2, 2, 2, 2, 2], { stride: 2 }),
];
