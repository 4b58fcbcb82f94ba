/**
 * ONNX Runtime in Node: a native library with CPU, WebGPU and CUDA execution providers. This file and `web.ts` are the only ones
 * that know it, and they stay thin, so that a new binding is an upgrade and not a change.
 */
import ort from "onnxruntime-node";
import { sessionFailure, wrapSession } from "./onnxruntime.js";
import type { Runtime, SessionOptions } from "./runtime.js";

export function loadNodeRuntime(): Runtime {
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

function sessionOptions({ device, threads, strict, profile }: SessionOptions): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    ...(strict === true ? { extra: { session: { disable_cpu_ep_fallback: "1" } } } : {}),
  };
}
