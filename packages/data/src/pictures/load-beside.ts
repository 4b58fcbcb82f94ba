/**
 * Decoding in a thread of its own. ONNX Runtime holds up the main thread for as long as a step takes, so that decoding there comes to a few
 * pictures a step; a thread of its own keeps its pace, and with two pictures at once it leaves the training most of the machine.
 */
import { Worker } from "node:worker_threads";
import { AtelierError } from "@atelier/engine/errors";
import type { OpenOptions } from "../datasets/definition.js";
import type { DecodedPictures } from "./decode.js";
import type { ImageSettings } from "./image-settings.js";
import { loadPictures } from "./load-pictures.js";
import type { LoadMessage, LoadRequest } from "./load-protocol.js";
import type { PictureCard } from "./picture-dataset.js";
import type { PictureSource } from "./source.js";

/** The built file, also where this one runs from its source. */
const worker = new URL("../../dist/pictures/load-worker.js", import.meta.url);

/** An error of the other thread: its class stayed there, its code is what tells it apart. */
class RelayedError extends AtelierError {
  readonly code: string;

  constructor({ code, message, hint }: Extract<LoadMessage, { kind: "failed" }>) {
    super(message, { hint });
    this.code = code;
  }
}

function decodedCard(request: LoadRequest, { signal, onProgress }: OpenOptions): Promise<PictureCard> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(worker, { workerData: request, execArgv: [] });
    const abort = (): void => {
      thread.postMessage("abort");
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort);
    thread.on("message", (message: LoadMessage) => {
      if (message.kind === "progress") {
        try {
          onProgress?.(message.progress);
        } catch (error) {
          thread.postMessage("abort");
          reject(error);
        }
      } else if (message.kind === "done") resolve(message.card);
      else reject(new RelayedError(message));
    });
    thread.on("error", reject);
    thread.on("exit", () => signal?.removeEventListener("abort", abort));
  });
}

/**
 * As `openPictures` and then `loadPictures`, in a thread of its own: what else this one does goes on meanwhile, trainings included.
 * @throws what these throw, by their codes.
 */
export async function loadPicturesBeside(
  source: PictureSource,
  settings: ImageSettings,
  options: OpenOptions,
): Promise<{ readonly card: PictureCard; readonly decoded: DecodedPictures }> {
  options.signal?.throwIfAborted();
  const card = await decodedCard({ source, settings, home: options.home }, options);
  // Out of the cache, where the records are not needed.
  const decoded = await loadPictures({ name: card.name, card, records: [] }, settings, { home: options.home });
  return { card, decoded };
}
