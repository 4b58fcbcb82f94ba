/** All kinds of media that models make. */
import { animation } from "./animation.js";
import type { Medium } from "./medium.js";
import type { Output, OutputRecord } from "./output.js";
import { picture } from "./picture.js";
import { text } from "./text.js";

/** A medium takes outputs and records of its own kind only: ask it by the `media` of what it is given. */
export const media: { readonly [Kind in Output["media"]]: Medium<Output, OutputRecord> } = { text, picture, animation };
