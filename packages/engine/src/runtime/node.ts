/**
 * ONNX Runtime in Node: a native library with CPU, WebGPU and CUDA execution providers. This file and `web.ts` are the only ones
 * that know it, and they stay thin, so that a new binding is an upgrade and not a change.
 */
import ort from "onnxruntime-node";
import { sessionFailure, sessionOptions, wrapSession } from "./onnxruntime.js";
import type { Runtime } from "./runtime.js";

export function loadDefaultRuntime(): Runtime {
  // Anything below an error is advice about the graph, which users did not write.
  ort.env.logLevel = "error";
  return {
    name: "onnxruntime-node",
    version: ort.env.versions.node ?? ort.env.versions.common,
    async createSession(model, options) {
      try {
        const session = await ort.InferenceSession.create(model, sessionOptions(options));
        return wrapSession(session, ort.Tensor, options.profile !== undefined);
      } catch (cause) {
        throw sessionFailure(options.device, cause);
      }
    },
  };
}
