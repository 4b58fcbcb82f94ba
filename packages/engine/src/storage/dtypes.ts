/**
 * How the data types of a safetensors file become host arrays and back. F16 and BF16 are read as float32; I64 and U8 as int32,
 * because the engine computes in float32, int32 and bool only. Files are little-endian, as is every machine Node and browsers
 * run the engine on, so the types that match a host array exactly are not converted at all.
 */
import type { DType, HostArray } from "../dtype.js";
import { FormatError } from "../errors.js";
import { fromBfloat16Bits, fromFloat16Bits, toBfloat16Bits, toFloat16Bits } from "./half.js";

export type StoredDType = "F32" | "F16" | "BF16" | "I32" | "I64" | "U8" | "BOOL";

/** Bytes an element takes in the file. */
export const BYTES_PER_ELEMENT: Readonly<Record<StoredDType, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  I32: 4,
  I64: 8,
  U8: 1,
  BOOL: 1,
};

export const isStoredDType = (name: unknown): name is StoredDType =>
  typeof name === "string" && Object.hasOwn(BYTES_PER_ELEMENT, name);

/** What a tensor of each host type may be stored as; the first is the default. */
export const STORABLE_AS: Readonly<Record<DType, readonly StoredDType[]>> = {
  float32: ["F32", "F16", "BF16"],
  int32: ["I32", "I64"],
  bool: ["BOOL"],
};

const bytesOf = (array: HostArray | Uint16Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The bytes of an array in a stored type; a view of the array itself where nothing is converted. */
export function toStoredBytes(data: HostArray, dtype: StoredDType): Uint8Array {
  if (dtype === "F16" || dtype === "BF16") {
    const narrow = dtype === "F16" ? toFloat16Bits : toBfloat16Bits;
    const out = new Uint16Array(data.length);
    for (let i = 0; i < data.length; i++) out[i] = narrow(data[i]!);
    return bytesOf(out);
  }
  if (dtype === "I64") {
    const out = new Int32Array(data.length * 2);
    for (let i = 0; i < data.length; i++) {
      out[2 * i] = data[i]!;
      out[2 * i + 1] = data[i]! >> 31;
    }
    return bytesOf(out);
  }
  return bytesOf(data);
}

/** The bytes as an array over the same memory where alignment allows, else over a copy. */
function aligned(bytes: Uint8Array, alignment: number): Uint8Array {
  return bytes.byteOffset % alignment === 0 ? bytes : bytes.slice();
}

/**
 * Reads stored bytes as a host array: a view of `bytes` where the types match and the alignment allows, else a fresh array.
 *
 * @throws {FormatError} if an I64 value does not fit 32 bits or a BOOL byte is neither 0 nor 1; `name` says in which tensor.
 */
export function fromStoredBytes(
  bytes: Uint8Array,
  dtype: StoredDType,
  name: string,
): { dtype: DType; data: HostArray } {
  const count = bytes.byteLength / BYTES_PER_ELEMENT[dtype];
  switch (dtype) {
    case "F32": {
      const source = aligned(bytes, 4);
      return { dtype: "float32", data: new Float32Array(source.buffer, source.byteOffset, count) };
    }
    case "F16":
    case "BF16": {
      const widen = dtype === "F16" ? fromFloat16Bits : fromBfloat16Bits;
      const source = aligned(bytes, 2);
      const halves = new Uint16Array(source.buffer, source.byteOffset, count);
      const data = new Float32Array(count);
      for (let i = 0; i < count; i++) data[i] = widen(halves[i]!);
      return { dtype: "float32", data };
    }
    case "I32": {
      const source = aligned(bytes, 4);
      return { dtype: "int32", data: new Int32Array(source.buffer, source.byteOffset, count) };
    }
    case "I64": {
      const source = aligned(bytes, 4);
      const words = new Int32Array(source.buffer, source.byteOffset, 2 * count);
      const data = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        const low = words[2 * i]!;
        if (words[2 * i + 1]! !== low >> 31) {
          const value = (BigInt(words[2 * i + 1]!) << 32n) | BigInt(low >>> 0);
          throw new FormatError(`tensor "${name}": element ${i} is ${value}, which does not fit a 32-bit integer`, {
            hint: "the engine's integers have 32 bits; store this tensor with smaller values",
          });
        }
        data[i] = low;
      }
      return { dtype: "int32", data };
    }
    case "U8":
      return { dtype: "int32", data: Int32Array.from(bytes) };
    case "BOOL": {
      const bad = bytes.findIndex((byte) => byte > 1);
      if (bad >= 0)
        throw new FormatError(`tensor "${name}": element ${bad} of a BOOL tensor is the byte ${bytes[bad]}`);
      return { dtype: "bool", data: bytes };
    }
  }
}
