/**
 * ONNX Runtime in a browser, compiled to WebAssembly: on the CPU, and on WebGPU by the same execution provider that the native
 * library has. This file and `node.ts` are the only ones that know it, and they stay thin.
 *
 * Each device has a build of its own, fetched when a function is first compiled for it: a page on the CPU never downloads the larger
 * one for WebGPU.
 */
import { DeviceError } from "../errors.js";
import { sessionFailure, sessionOptions, wrapSession } from "./onnxruntime.js";
import type { Device, Runtime } from "./runtime.js";

export interface WebRuntimeOptions {
  /**
   * Threads of the WebAssembly builds, one pool for the whole page; by default half the logical processors, at most 4. More than
   * one needs a cross-origin isolated page, and any other page runs on one. Takes the place of the `threads` of `compile`.
   */
  readonly threads?: number;
  /** The URL, ending in a slash, of a folder with the `.wasm` and `.mjs` files of onnxruntime-web; by default what the bundler made. */
  readonly wasmPaths?: string;
}

/** A global of browsers, which the standard library's types leave to the DOM's. */
declare const WebAssembly: object;

type Onnxruntime = typeof import("onnxruntime-web/wasm");

const BUILDS: { readonly [device in Device]?: () => Promise<Onnxruntime> } = {
  cpu: () => import("onnxruntime-web/wasm"),
  // Where JavaScript Promise Integration exists the smaller and faster build runs; the other waits by means of Asyncify.
  webgpu: () => ("Suspending" in WebAssembly ? import("onnxruntime-web/jspi") : import("onnxruntime-web/webgpu")),
};

/**
 * The runtime for browsers: pages and workers.
 *
 * @example
 * useRuntime(await webRuntime());
 */
export async function webRuntime(options: WebRuntimeOptions = {}): Promise<Runtime> {
  const loaded = new Map<Device, Promise<Onnxruntime>>();
  const load = (device: Device): Promise<Onnxruntime> => {
    const build = BUILDS[device];
    if (build === undefined) {
      throw new DeviceError(`A browser has no device ${device}`, { hint: "Use the device webgpu or cpu." });
    }
    let module = loaded.get(device);
    if (module === undefined) {
      module = build().then(
        (ort) => configure(ort, options),
        (cause: unknown) => {
          loaded.delete(device);
          throw new DeviceError(`The scripts of onnxruntime-web for ${device} could not be loaded`, {
            cause,
            hint: "Check that onnxruntime-web is installed, and that the page can fetch what its bundler made of it.",
          });
        },
      );
      loaded.set(device, module);
    }
    return module;
  };
  const { env } = await load("cpu");
  const inTurn = oneAtATime();
  return {
    name: "onnxruntime-web",
    version: env.versions.web ?? env.versions.common,
    async createSession(model, { threads: _, ...session }) {
      if (session.profile !== undefined) {
        throw new DeviceError("A browser writes no profile files", { hint: "Profile the function in Node." });
      }
      const ort = await load(session.device);
      return inTurn(async () => {
        try {
          const made = await ort.InferenceSession.create(model, sessionOptions(session));
          const { run, release } = wrapSession(made, ort.Tensor, false);
          return { run: (feeds) => inTurn(() => run(feeds)), release: () => inTurn(release) };
        } catch (cause) {
          throw sessionFailure(session.device, cause);
        }
      });
    },
  };
}

/** The WebGPU build can be entered only once at a time: calls wait for one another, in the order they came. */
function oneAtATime(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result;
    return result;
  };
}

function configure(ort: Onnxruntime, { threads, wasmPaths }: WebRuntimeOptions): Onnxruntime {
  // Anything below an error is advice about the graph, which users did not write.
  ort.env.logLevel = "error";
  if (threads !== undefined) ort.env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  return ort;
}
