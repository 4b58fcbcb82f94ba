/** What the engine asks of an ONNX Runtime, so that only `node.ts` and `web.ts` know which one it is. */
import type { HostTensor } from "../dtype.js";

export type Device = "cpu" | "webgpu" | "cuda";

export interface SessionOptions {
  readonly device: Device;
  /** Threads within an operation; by default what the runtime takes, the physical cores. */
  readonly threads?: number | undefined;
  /** Refuse a graph of which any node would silently run on the CPU instead of the device. */
  readonly strict?: boolean | undefined;
  /** A prefix for profile files; every run is then recorded. */
  readonly profile?: string | undefined;
}

export interface Session {
  /** Runs the model. The inputs are read in place and must not change meanwhile; outputs are fresh. */
  run(feeds: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

export interface Runtime {
  readonly name: string;
  readonly version: string;
  createSession(model: Uint8Array, options: SessionOptions): Promise<Session>;
}

let chosen: Promise<Runtime> | undefined;

/** Uses another runtime from now on; browsers call this with `webRuntime`. */
export function useRuntime(runtime: Runtime): void {
  chosen = Promise.resolve(runtime);
}

/**
 * The runtime in use: onnxruntime-node, loaded when first needed, unless `useRuntime` chose another. The import map of the package
 * replaces it where a bundler builds for a browser.
 *
 * @throws {DeviceError} in a browser where none was chosen.
 */
export function currentRuntime(): Promise<Runtime> {
  chosen ??= import("#default-runtime").then((module) => module.loadDefaultRuntime());
  return chosen;
}
