/** The page under test offers to train on a device, in the page itself or in a worker. */
import { type Device, useRuntime } from "@atelier/engine";
import { webRuntime } from "@atelier/engine/web";
import { type Trained, train } from "../training.test-helpers.js";

/** The part of the DOM's Worker that is used; the tests are type-checked for Node. */
declare const Worker: new (
  url: URL,
  options: { readonly type: "module" },
) => {
  onmessage: (event: { readonly data: Trained }) => void;
  onerror: (event: { readonly message: string }) => void;
  postMessage(device: Device): void;
  terminate(): void;
};

const runtime = await webRuntime({ threads: 2 });

/** What tests call from outside. */
export interface Offered {
  readonly version: string;
  useRuntime(): void;
  train(device: Device): Promise<Trained>;
  trainInWorker(device: Device): Promise<Trained>;
}

const offered: Offered = {
  version: runtime.version,
  useRuntime: () => useRuntime(runtime),
  train,
  trainInWorker(device) {
    const worker = new Worker(new URL("./worker.test-helpers.ts", import.meta.url), { type: "module" });
    return new Promise<Trained>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(device);
    }).finally(() => worker.terminate());
  },
};

Object.assign(globalThis, { atelier: offered });
