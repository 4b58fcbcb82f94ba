/** Reading and writing tensors as files: safetensors, and the half-precision conversions it needs. */
// Host tensors are what these files are read into; given here too, so that a reader of files need not load the engine.
export { type HostTensor, hostTensor } from "../dtype.js";
export type { StoredDType } from "./dtypes.js";
export { fromBfloat16Bits, fromFloat16Bits, toBfloat16Bits, toFloat16Bits } from "./half.js";
export { MAXIMUM_HEADER_BYTES } from "./header.js";
export { type DecodedSafetensors, decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.js";
