/** Pictures: sources, decoding, sets of one size, and the codec between them and tensors. */
export * from "./augmentation/index.js";
export {
  CaptionWords,
  type CaptionWordsOptions,
  captionWordsSchema,
  type EncodedCaption,
} from "./caption-words.js";
export { type CommonForm, commonForm } from "./common-form.js";
export { type ContactSheetOptions, contactSheet } from "./contact-sheet.js";
export * from "./curation/index.js";
export { type DecodedPictures, type DecodePicturesOptions, type DecodingNote, decodePictures } from "./decode.js";
export { type Animation, animate, encodePicture, type PictureFormat, type PictureMetadata } from "./encode.js";
export type { GridCodec, GridField, GridSpec } from "./grid-codec.js";
export { ImageCodec, imageCodecSchema, loadGridCodec } from "./image-codec.js";
export { type ImageSettings, type ImageSettingsInput, imageSettingsSchema, sizeOf } from "./image-settings.js";
export { loadPicturesBeside } from "./load-beside.js";
export { loadPictures } from "./load-pictures.js";
export { holdsPictures } from "./locate.js";
export { openPictures } from "./open.js";
export { checkPicture, type Picture, type PictureChannels } from "./picture.js";
export { type PictureCard, type PictureDataset, type PictureRecord, pictureCardSchema } from "./picture-dataset.js";
export { PictureFile } from "./picture-file.js";
export { PictureSet, type PictureSetOptions, type PictureSplit, type PixelSource } from "./picture-set.js";
export { type PictureContents, readPicture } from "./read-picture.js";
export {
  type GivenPicture,
  type GivenPictures,
  type PictureFileSource,
  type PictureSource,
  pictureFileSourceSchema,
  pictureSourceSchema,
} from "./source.js";
