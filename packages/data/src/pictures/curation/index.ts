/** Curation of pictures: fewer and cleaner ones, and a report of what was removed. */
export { type CuratedPictures, type CuratePicturesOptions, curatePictures, type PictureCopy } from "./curate.js";
export type { PictureRemovalReason } from "./filters.js";
export type { PictureCurationReport, RemovedPictures } from "./report.js";
export { type PictureCuration, pictureCurationSchema } from "./settings.js";
