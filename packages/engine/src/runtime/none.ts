/** Stands in for `node.ts` in bundles for browsers, which can't hold a native library: there the application chooses. */
import { DeviceError } from "../errors.js";
import type { Runtime } from "./runtime.js";

export function loadDefaultRuntime(): Runtime {
  throw new DeviceError("No runtime was chosen to run compiled functions in this browser", {
    hint: 'Call useRuntime(await webRuntime()), with webRuntime from "@atelier/engine/web", before the first compiled function.',
  });
}
