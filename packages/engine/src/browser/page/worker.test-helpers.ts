/** Trains on the device it is told, off the page's own thread, and answers with what came of it. */
import { type Device, useRuntime } from "@atelier/engine";
import { webRuntime } from "@atelier/engine/web";
import { type Trained, train } from "../training.test-helpers.js";

/** What a worker's global scope has; the tests are type-checked for Node. */
declare const self: {
  onmessage: (event: { readonly data: Device }) => void;
  postMessage(trained: Trained): void;
};

self.onmessage = async ({ data }) => {
  useRuntime(await webRuntime());
  self.postMessage(await train(data));
};
