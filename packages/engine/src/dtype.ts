/** Data types of tensors in a graph, and the host arrays that hold them. */
import { ArgumentError } from "./errors.js";

export type DType = "float32" | "int32" | "bool";

export type HostArray = Float32Array | Int32Array | Uint8Array;

/** A dense tensor in host memory, row-major. `bool` is one byte an element, 0 or 1. */
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: HostArray;
}

/** Number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** A fresh zero-filled array for `size` elements. */
export function allocate(dtype: DType, size: number): HostArray {
  if (dtype === "float32") return new Float32Array(size);
  if (dtype === "int32") return new Int32Array(size);
  return new Uint8Array(size);
}

/** Wraps an array as a host tensor; the data type follows from the array. Default shape: a vector. @throws {ArgumentError} */
export function hostTensor(data: HostArray, shape: readonly number[] = [data.length]): HostTensor {
  const dtype = data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "bool";
  if (sizeOf(shape) !== data.length) {
    throw new ArgumentError(`hostTensor: ${data.length} elements do not fill the shape [${shape.join(", ")}]`);
  }
  return { dtype, shape, data };
}

/** A rank-0 tensor. */
export function hostScalar(value: number, dtype: DType = "float32"): HostTensor {
  const data = allocate(dtype, 1);
  data[0] = value;
  return { dtype, shape: [], data };
}
