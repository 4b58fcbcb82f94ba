/**
 * Convolutions with a bias, over one to three spatial axes. Weights are laid out as PyTorch and ONNX have them. Without an initialiser
 * they begin as PyTorch's do, uniform in ±1/√fan-in (LeCun et al. 1998, "Efficient backprop", section 4.6); biases begin at zero.
 */
import {
  conv,
  convTranspose,
  type Initializer,
  type PerAxis,
  type Scope,
  type Tensor,
  uniform,
  zeros,
} from "@atelier/engine";

export interface ConvolutionOptions {
  /** How many channels come out. */
  readonly channels: number;
  readonly kernel: PerAxis;
  readonly stride?: PerAxis;
  /** Zeros before and after each spatial axis; none without it. */
  readonly padding?: PerAxis;
  readonly dilation?: PerAxis;
  /** Groups of channels that do not see each other. */
  readonly groups?: number;
  /** True without it. */
  readonly bias?: boolean;
  readonly weight?: Initializer;
}

export interface TransposedConvolutionOptions extends ConvolutionOptions {
  /** How much longer the result is after each axis. */
  readonly outputPadding?: PerAxis;
}

/** x: (N, I, …spatial) → (N, channels, …spatial'). Parameters: weight (channels, I / groups, …kernel), bias (channels). @throws {ShapeError} */
export function convolution(scope: Scope, x: Tensor, options: ConvolutionOptions): Tensor {
  const { channels, groups = 1 } = options;
  const shape = [channels, x.shape[1]! / groups, ...kernelOf(x, options.kernel)];
  const weight = scope.param("weight", shape, options.weight ?? fromFanIn);
  return biased(scope, conv(x, weight, options), options);
}

/**
 * The convolution by which its input's gradient is computed, for growing pictures (Zeiler et al. 2010).
 * x: (N, I, …spatial) → (N, channels, …spatial'). Parameters: weight (I, channels / groups, …kernel), bias (channels). @throws {ShapeError}
 */
export function transposedConvolution(scope: Scope, x: Tensor, options: TransposedConvolutionOptions): Tensor {
  const { channels, groups = 1 } = options;
  const shape = [x.shape[1]!, channels / groups, ...kernelOf(x, options.kernel)];
  const weight = scope.param("weight", shape, options.weight ?? fromFanIn);
  return biased(scope, convTranspose(x, weight, options), options);
}

const kernelOf = (x: Tensor, kernel: PerAxis): readonly number[] =>
  typeof kernel === "number" ? x.shape.slice(2).map(() => kernel) : kernel;

/** ±1/√(everything but the first axis). For a transposed convolution that is what PyTorch takes too, although it is no fan-in there. */
const fromFanIn: Initializer = (key, shape) =>
  uniform(1 / Math.sqrt(shape.slice(1).reduce((product, n) => product * n, 1)))(key, shape);

function biased(scope: Scope, y: Tensor, { channels, bias = true }: ConvolutionOptions): Tensor {
  if (!bias) return y;
  return y.add(scope.param("bias", [channels], zeros).reshape([channels, ...y.shape.slice(2).map(() => 1)]));
}
