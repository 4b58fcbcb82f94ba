/** Augmentation: pictures changed at random so that they stay what they are. */
export { augment } from "./augment.js";
export { type Augmentation, augmentationSchema } from "./settings.js";
