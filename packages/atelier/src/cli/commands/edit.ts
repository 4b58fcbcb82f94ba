/** `atelier edit`: pictures out of pictures, and out of several descriptions at once. */
import type { CommandGroup } from "../command.js";
import { image, style } from "./edit-image.js";
import { interpolate, mix } from "./edit-mix.js";
import { inpaint, outpaint } from "./edit-paint.js";
import { upscale } from "./edit-upscale.js";

export const edit: CommandGroup = {
  name: "edit",
  summary: "change pictures: redraw, inpaint, outpaint, restyle, enlarge, mix, interpolate",
  commands: { image, inpaint, outpaint, style, upscale, mix, interpolate },
  fallback: "image",
};
