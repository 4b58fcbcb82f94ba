/** The thread that decodes pictures beside a training: opens and decodes into the cache, and says when that is done. Any message aborts. */
import { parentPort, workerData } from "node:worker_threads";
import { AtelierError } from "@atelier/engine/errors";
import type { DatasetProgress } from "../datasets/definition.js";
import { loadPictures } from "./load-pictures.js";
import type { LoadMessage, LoadRequest } from "./load-protocol.js";
import { openPictures } from "./open.js";

/** Two at once: a training whose threads they share with is slowed less than by as many as there are. */
const inFlight = 2;
/** Between two messages, in milliseconds. */
const quiet = 50;

// Only `loadPicturesBeside` starts this file, and gives it a request.
const { source, settings, home } = workerData as LoadRequest;
const tell = (message: LoadMessage): void => parentPort?.postMessage(message);
const controller = new AbortController();
parentPort?.once("message", () => controller.abort());
parentPort?.unref();

let told = 0;
const onProgress = (progress: DatasetProgress): void => {
  if (progress.done < progress.total && performance.now() - told < quiet) return;
  told = performance.now();
  tell({ kind: "progress", progress });
};

try {
  const options = { home, onProgress, signal: controller.signal };
  const dataset = await openPictures(source, options);
  await loadPictures(dataset, settings, { ...options, inFlight });
  tell({ kind: "done", card: dataset.card });
} catch (error) {
  if (!AtelierError.isInstance(error) && !controller.signal.aborted) throw error;
  if (AtelierError.isInstance(error))
    tell({ kind: "failed", code: error.code, message: error.message, hint: error.hint });
}
