/** What each target runs beyond, or short of, the standard opset. Tests run every primitive on every target that is here. */
import type { Device } from "../runtime/runtime.js";
import type { Capabilities } from "./builder.js";

const TARGETS: Record<Device | "standard", Capabilities> = {
  cpu: {
    name: "cpu",
    opset: 23,
    contrib: new Set(["FusedMatMul", "SimplifiedLayerNormalization", "RotaryEmbedding", "Attention", "MatMulNBits"]),
    // It has it, but matrix products of gathered places are faster (docs/performance.md, "Convolution").
    missing: new Set(["ConvTranspose plane", "ConvTranspose volume"]),
  },
  // Measured on onnxruntime-node 1.30: the WebGPU provider refuses these, and would fall back to the CPU. (It also refuses int64
  // arithmetic, Mod and OneHot, which no lowering uses.)
  webgpu: {
    name: "webgpu",
    opset: 20,
    contrib: new Set(["SimplifiedLayerNormalization"]),
    missing: new Set([
      ...["LogSoftmax", "Sign", "ScatterElements", "ArgMax", "TopK"],
      ...["Neg int32", "Abs int32", "Slice int32", "Split int32", "GatherElements int32"],
      ...["Equal bool", "Or bool", "Transpose bool", "Slice bool", "Split bool", "Pad bool", "Concat bool"],
      "GatherElements bool",
      // Over three axes there is neither ConvTranspose, nor Conv in groups; over fewer, ConvTranspose in groups of one channel
      // gives wrong numbers, silently.
      ...["ConvTranspose volume", "Conv volume groups", "ConvTranspose groups"],
      // The inverse deviation, which gradients want: LayerNormalization fused with an Add leaves it out, and
      // SimplifiedLayerNormalization gives wrong numbers, silently.
      "LayerNormalization statistics",
    ]),
  },
  cuda: {
    name: "cuda",
    opset: 20,
    contrib: new Set(["FusedMatMul", "SimplifiedLayerNormalization", "RotaryEmbedding"]),
    missing: new Set(),
  },
  /** For export: only operators of the ONNX standard, which any runtime has. */
  standard: { name: "standard", opset: 20, contrib: new Set(), missing: new Set() },
};

export const capabilitiesOf = (target: Device | "standard"): Capabilities => TARGETS[target];
