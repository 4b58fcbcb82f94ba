/**
 * Between pixels and channels. Sub-pixel convolution's last part (Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel
 * convolutional neural network", equation 4): channels become pixels, in PyTorch's order, and the way back.
 */
import { ArgumentError, describeShape, type Tensor } from "@atelier/engine";

/**
 * Every `factor`² channels in a row become the `factor`×`factor` pixels of one channel, row by row.
 * x: (B, C · factor², H, W) → (B, C, factor · H, factor · W). @throws {ArgumentError} where the channels are no multiple of factor²
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  const [rows, all, height, width] = x.shape;
  const channels = (all ?? 0) / factor ** 2;
  if (x.rank !== 4 || !Number.isInteger(channels) || !Number.isSafeInteger(factor) || factor < 1) {
    throw new ArgumentError(`pixelShuffle: (B, C · ${factor}², H, W) is needed, got ${describeShape(x.shape)}`);
  }
  if (factor === 1) return x;
  return x
    .reshape([rows!, channels, factor, factor, height!, width!])
    .transpose([0, 1, 4, 2, 5, 3]) // (B, C, H, factor, W, factor)
    .reshape([rows!, channels, factor * height!, factor * width!]);
}

/**
 * What `pixelShuffle` undoes: every square of `factor`×`factor` pixels becomes `factor`² channels.
 * x: (B, C, factor · H, factor · W) → (B, C · factor², H, W). @throws {ArgumentError} where height or width is no multiple of the factor
 */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  const [rows, channels, height = 0, width = 0] = x.shape;
  const [down, across] = [height / factor, width / factor];
  if (
    x.rank !== 4 ||
    !Number.isInteger(down) ||
    !Number.isInteger(across) ||
    !Number.isSafeInteger(factor) ||
    factor < 1
  ) {
    throw new ArgumentError(
      `pixelUnshuffle: (B, C, ${factor} · H, ${factor} · W) is needed, got ${describeShape(x.shape)}`,
    );
  }
  if (factor === 1) return x;
  return x
    .reshape([rows!, channels!, down, factor, across, factor])
    .transpose([0, 1, 3, 5, 2, 4]) // (B, C, factor, factor, H, W)
    .reshape([rows!, channels! * factor ** 2, down, across]);
}
