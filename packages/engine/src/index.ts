/**
 * Tensors in TypeScript: trace a function, differentiate it, compile it to ONNX, run it on ONNX Runtime.
 *
 * @example
 * const double = compile(({ x }: { x: Tensor }) => ({ y: x.mul(2) }));
 * const { y } = await double({ x: hostTensor(Float32Array.of(1, 2, 3)) });
 */
import "./primitives/index.js";

export {
  type CallOptions,
  type Compiled,
  type CompileOptions,
  compile,
  exportOnnx,
  type Hosted,
  type WeightFormat,
} from "./compile.js";
export { allocate, type DType, type HostArray, type HostTensor, hostScalar, hostTensor, sizeOf } from "./dtype.js";
export { ArgumentError, AtelierError, DeviceError, type ErrorDetails, FormatError, ShapeError } from "./errors.js";
export { grad, gradients, pullback, valueAndGrad } from "./gradient.js";
export { describeGraph, type Graph, nodesOf } from "./graph/graph.js";
export { concat, constant, full, input, iota, type Operand, scalar, stack, Tensor } from "./graph/tensor.js";
export { gelu, reluSquared, silu, softplus } from "./ops/activation.js";
export { attention, MASKED, rotary, rotaryTable } from "./ops/attention.js";
export { checkpoint } from "./ops/checkpoint.js";
export { type ConvOptions, type ConvTransposeOptions, conv, convTranspose, type PerAxis } from "./ops/convolution.js";
export { binaryCrossEntropyWithLogits, crossEntropy, logSumExp, tokenCrossEntropy } from "./ops/loss.js";
export { batchNorm, channelStatistics, groupNorm, layerNorm, rmsNorm } from "./ops/normalization.js";
export { type PadMode, pad } from "./ops/pad.js";
export { averagePool, maxPool, type PoolingOptions } from "./ops/pooling.js";
export { resizeBilinear, resizeNearest } from "./ops/resize.js";
export { type Distribution, RandomKey, type StepKeys } from "./random/index.js";
export { currentRuntime, type Device, type Runtime, useRuntime } from "./runtime/runtime.js";
export {
  type Initializer,
  type Interceptor,
  normal,
  ones,
  type ParameterInfo,
  Scope,
  uniform,
  zeros,
} from "./scope.js";
export { describeShape, equalShapes } from "./shape.js";
export { State } from "./state.js";
export {
  flattenTree,
  leavesOf,
  mapTree,
  type Tree,
  type TreeRecord,
  treeFromPaths,
  unflattenLike,
  zipTrees,
} from "./tree.js";
