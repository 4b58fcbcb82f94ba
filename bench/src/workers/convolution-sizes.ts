/** The convolutions that the rows about them measure: those of a U-Net and of a GAN, for 32 pictures. */

export interface ConvolutionSize {
  /** (N, C, H, W) */
  readonly x: readonly [number, number, number, number];
  /** (O, C / groups, height, width) */
  readonly weight: readonly [number, number, number, number];
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

const size = (channels: number, side: number, outputs: number, kernel: number, stride = 1): ConvolutionSize => ({
  x: [32, channels, side, side],
  weight: [outputs, channels, kernel, kernel],
  stride,
  padding: kernel === 1 ? 0 : 1,
  groups: 1,
});

export const convolutionSizes = {
  "3×3 64→64, 32×32": size(64, 32, 64, 3),
  "3×3 128→128, 16×16": size(128, 16, 128, 3),
  "3×3 192→192, 8×8": size(192, 8, 192, 3),
  "3×3 256→256, 8×8": size(256, 8, 256, 3),
  "3×3 128→64, 32×32": size(128, 32, 64, 3),
  "3×3 3→64, 32×32": size(3, 32, 64, 3),
  "3×3 64→3, 32×32": size(64, 32, 3, 3),
  "3×3 64→64, 32×32, stride 2": size(64, 32, 64, 3, 2),
  "4×4 64→128, 32×32, stride 2": size(64, 32, 128, 4, 2),
  "4×4 128→256, 16×16, stride 2": size(128, 16, 256, 4, 2),
  "1×1 64→64, 32×32": size(64, 32, 64, 1),
  "1×1 128→128, 16×16": size(128, 16, 128, 1),
  "3×3 of 64 channels each by itself, 32×32": {
    x: [32, 64, 32, 32],
    weight: [64, 1, 3, 3],
    stride: 1,
    padding: 1,
    groups: 64,
  },
} as const satisfies Record<string, ConvolutionSize>;

export type ConvolutionName = keyof typeof convolutionSizes;

/** The shape of the result, and the operations of one of the three products: two for each multiplication and addition. */
export function resultOf({ x, weight, stride, padding }: ConvolutionSize): { shape: number[]; operations: number } {
  const side = (axis: 2 | 3): number => Math.floor((x[axis] + 2 * padding - weight[axis]) / stride) + 1;
  const shape = [x[0], weight[0], side(2), side(3)];
  const elements = shape.reduce((product, n) => product * n, 1);
  return { shape, operations: 2 * elements * weight[1] * weight[2] * weight[3] };
}
