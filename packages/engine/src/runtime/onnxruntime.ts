/** What onnxruntime-node and onnxruntime-web have in common: options, tensors to and from host tensors, failures. */
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from "onnxruntime-common";
import { allocate, type HostTensor } from "../dtype.js";
import { DeviceError } from "../errors.js";
import type { Device, Session, SessionOptions } from "./runtime.js";

/** The engine's options in the words of ONNX Runtime. */
export function sessionOptions({ device, threads, strict, profile }: SessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
    // A planned block for all activations would stand beside the arena that served the first run: almost twice the memory.
    enableMemPattern: false,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    extra: {
      session: {
        // Threads that wait sleep: where processors are shared, spinning ones keep those from working that they wait for.
        intra_op: { allow_spinning: "0" },
        ...(strict === true ? { disable_cpu_ep_fallback: "1" } : {}),
      },
    },
  };
}

export function wrapSession(session: InferenceSession, Tensor: TensorConstructor, profiled: boolean): Session {
  return {
    async run(feeds) {
      const wrapped: Record<string, OrtTensor> = {};
      for (const [name, { dtype, shape, data }] of Object.entries(feeds))
        wrapped[name] = new Tensor(dtype, data, shape);
      const results = await session.run(wrapped).catch((cause: unknown) => {
        throw new DeviceError(`ONNX Runtime failed while it ran the graph: ${reasonOf(cause)}`, { cause });
      });
      const out: Record<string, HostTensor> = {};
      for (const name of session.outputNames) out[name] = unwrap(name, results[name]);
      return out;
    },
    async release() {
      if (profiled) session.endProfiling();
      await session.release();
    },
  };
}

function unwrap(name: string, tensor: OrtTensor | undefined): HostTensor {
  if (tensor === undefined) throw new DeviceError(`The runtime returned no output "${name}"`);
  const { type, dims, data } = tensor;
  if (type === "float32" && data instanceof Float32Array) return { dtype: "float32", shape: dims, data };
  if (type === "int32" && data instanceof Int32Array) return { dtype: "int32", shape: dims, data };
  if (type === "bool") {
    const bytes = allocate("bool", data.length);
    bytes.set(data as Uint8Array);
    return { dtype: "bool", shape: dims, data: bytes };
  }
  throw new DeviceError(`The runtime returned "${name}" as ${type}, which no traced function has as an output`);
}

/** A session that could not be made, in words. */
export function sessionFailure(device: Device, cause: unknown): DeviceError {
  const hint =
    device === "webgpu"
      ? "Check that the machine has a Vulkan, Metal or D3D12 adapter (and the browser offers it), or use the device cpu."
      : device === "cuda"
        ? "Install the CUDA libraries of onnxruntime-node, or use the device cpu."
        : undefined;
  return new DeviceError(`ONNX Runtime could not prepare the graph for ${device}: ${reasonOf(cause)}`, { cause, hint });
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
