/** What the thread that decodes pictures beside a training is given, and what it tells. */
import type { DatasetProgress } from "../datasets/definition.js";
import type { ImageSettings } from "./image-settings.js";
import type { PictureCard } from "./picture-dataset.js";
import type { PictureSource } from "./source.js";

export interface LoadRequest {
  readonly source: PictureSource;
  readonly settings: ImageSettings;
  readonly home: string;
}

export type LoadMessage =
  | { readonly kind: "progress"; readonly progress: DatasetProgress }
  /** The pictures are in the cache. */
  | { readonly kind: "done"; readonly card: PictureCard }
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly hint: string | undefined };
