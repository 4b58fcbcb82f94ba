/** Whether a source is texts or pictures, for whoever takes either: by its name, else by what lies at its path. */
import { knownDatasets, knownPictures } from "./datasets/registry.js";
import { holdsPictures } from "./pictures/locate.js";
import type { PictureSource } from "./pictures/source.js";
import type { DataSource } from "./sources/source.js";

export type Medium = "text" | "pictures";

/** Texts where nothing says otherwise; a source that is not there is told of by whoever opens it. */
export async function mediumOf(source: DataSource | PictureSource): Promise<Medium> {
  const media = await Promise.all([source].flat().map(mediumOfOne));
  return media.length > 0 && media.every((medium) => medium === "pictures") ? "pictures" : "text";
}

async function mediumOfOne(source: Exclude<DataSource | PictureSource, readonly unknown[]>): Promise<Medium> {
  if (typeof source === "object") {
    if ("pictures" in source) return "pictures";
    if ("documents" in source) return "text";
  }
  const path = typeof source === "string" ? source : source.path;
  if (typeof source === "string") {
    if (knownDatasets.some(({ name }) => name === source)) return "text";
    if (knownPictures.some(({ name }) => name === source)) return "pictures";
  }
  return (await holdsPictures(path)) ? "pictures" : "text";
}
