/** What each target runs beyond, or short of, the standard opset. Tests run every primitive on every target that is here. */
import type { Device } from "../runtime/runtime.js";
import type { Capabilities } from "./builder.js";

const TARGETS: Record<Device | "standard", Capabilities> = {
  cpu: { name: "cpu", contrib: new Set(["FusedMatMul"]), missing: new Set() },
  // Measured on onnxruntime-node 1.30: the WebGPU provider refuses these, and would fall back to the CPU.
  webgpu: { name: "webgpu", contrib: new Set(), missing: new Set(["LogSoftmax", "Sign", "ScatterElements"]) },
  cuda: { name: "cuda", contrib: new Set(["FusedMatMul"]), missing: new Set() },
  /** For export: only operators of the ONNX standard, which any runtime has. */
  standard: { name: "standard", contrib: new Set(), missing: new Set() },
};

export const capabilitiesOf = (target: Device | "standard"): Capabilities => TARGETS[target];
