/**
 * Safetensors, the file format of weights here as nearly everywhere: an 8-byte little-endian header length, a JSON header, then raw
 * row-major data. Nothing in it is executed, and every byte of data belongs to exactly one tensor.
 * Format: https://github.com/huggingface/safetensors. Works in Node and in a browser.
 */
import { type HostTensor, sizeOf } from "../dtype.js";
import { ArgumentError } from "../errors.js";
import { BYTES_PER_ELEMENT, fromStoredBytes, STORABLE_AS, type StoredDType, toStoredBytes } from "./dtypes.js";
import { parseHeader } from "./header.js";

/** A host tensor to be written, and the type to write it in: by default the one that keeps every bit (F32, I32, BOOL). */
export interface StoredTensor extends HostTensor {
  readonly storedAs?: StoredDType;
}

export interface DecodedSafetensors {
  /** Tensors by name, in the order in which they lie in the file. */
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

function storedDType(name: string, tensor: StoredTensor): StoredDType {
  const allowed = STORABLE_AS[tensor.dtype];
  const dtype = tensor.storedAs ?? allowed[0]!;
  if (!allowed.includes(dtype)) {
    throw new ArgumentError(`tensor "${name}": ${tensor.dtype} cannot be stored as ${dtype}`, {
      hint: `use one of ${allowed.join(", ")}`,
    });
  }
  if (sizeOf(tensor.shape) !== tensor.data.length) {
    throw new ArgumentError(
      `tensor "${name}": ${tensor.data.length} elements do not fill the shape [${tensor.shape.join(", ")}]`,
    );
  }
  if (dtype === "BOOL" && tensor.data.some((value) => value > 1)) {
    throw new ArgumentError(`tensor "${name}": a bool tensor holds a value other than 0 and 1`);
  }
  return dtype;
}

/**
 * Encodes tensors as a safetensors file, in chunks to be written one after another (no copy of the whole is made; unconverted
 * tensors are views of their own arrays). The same tensors give the same bytes whatever their order: wider types come first, so
 * that every tensor is aligned, then names in code-unit order. The header is padded with spaces to a multiple of 8 bytes.
 *
 * @throws {ArgumentError} for a tensor that cannot be stored as asked, or one named `__metadata__`.
 * @example
 * ```ts
 * const chunks = encodeSafetensors(new Map([["weight", hostTensor(new Float32Array(6), [2, 3])]]), { format: "demo" });
 * ```
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  if (tensors.has("__metadata__")) throw new ArgumentError('a tensor cannot be named "__metadata__"');
  const stored = [...tensors].map(([name, tensor]) => ({ name, tensor, dtype: storedDType(name, tensor) }));
  stored.sort(
    (a, b) =>
      BYTES_PER_ELEMENT[b.dtype] - BYTES_PER_ELEMENT[a.dtype] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );

  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push(["__metadata__", metadata]);
  let position = 0;
  for (const { name, tensor, dtype } of stored) {
    const end = position + tensor.data.length * BYTES_PER_ELEMENT[dtype];
    header.push([name, { dtype, shape: tensor.shape, data_offsets: [position, end] }]);
    position = end;
  }

  // Joined by hand: an object would reorder names that look like integers.
  const json = `{${header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const paddedLength = Math.ceil(text.byteLength / 8) * 8;
  const head = new Uint8Array(8 + paddedLength).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(paddedLength), true);
  head.set(text, 8);
  return [head, ...stored.map(({ tensor, dtype }) => toStoredBytes(tensor.data, dtype))];
}

/**
 * Decodes a whole safetensors file. F16 and BF16 become float32, I64 and U8 become int32. F32, I32 and BOOL tensors are views of
 * `bytes` where alignment allows: do not change `bytes` afterwards, and copy a tensor before transferring its buffer.
 *
 * @throws {FormatError} if the file breaks the format in any way, saying what and where, or an I64 value does not fit 32 bits.
 */
export function decodeSafetensors(bytes: Uint8Array): DecodedSafetensors {
  const { entries, metadata, dataStart } = parseHeader(bytes);
  const tensors = new Map<string, HostTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { shape, ...fromStoredBytes(bytes.subarray(dataStart + begin, dataStart + end), dtype, name) });
  }
  return { tensors, metadata };
}
