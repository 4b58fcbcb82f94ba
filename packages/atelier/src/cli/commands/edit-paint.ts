/** `atelier edit inpaint` and `atelier edit outpaint`: a part of a picture made anew, or what lies around it. */
import { z } from "zod";
import type { Margin } from "../../library/pictures/editing/outpaint.js";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { decimal, integer, value } from "../options.js";
import {
  askedOf,
  editToFile,
  modelArgument,
  numbersIn,
  pictureArgument,
  picturesOptions,
  wishOptions,
} from "./edit-options.js";

const rounds = value(integer({ min: 1, max: 100 }), {
  summary: "how often each tenth of the way is gone: more fits the new part better to the rest",
  placeholder: "N",
  default: 4,
});

export const inpaint = defineCommand({
  name: "edit inpaint",
  summary: "make the part of a picture anew that is white in a mask",
  details:
    "The method is RePaint (Lugmayr et al. 2022), with any sampler: at every level of noise what is kept is set to the picture, and each tenth " +
    "of the levels is gone through --rounds times, with noise put back in between, so that the new part comes to fit the rest. The mask has the " +
    "size of the picture; lighter than the middle grey is made anew. Both are brought to the model's size, and there every pixel that is kept " +
    "stays exactly as it is. Without --out, MODEL-inpainted.png in the current folder.",
  examples: [
    ['atelier edit inpaint emoji face.png --mask eyes.png --prompt "sunglasses" -n 4', "four faces with other eyes"],
    [
      "atelier edit inpaint fashion shoe.png --mask heel.png --rounds 10 --seed 7",
      "another heel, as well fitted as may be",
    ],
  ],
  options: {
    mask: value(z.string(), { summary: "a picture that is white where this one is made anew", placeholder: "FILE" }),
    ...wishOptions,
    strength: value(decimal({ min: 0, max: 1 }), {
      summary: "how much of what the mask covers is made anew",
      placeholder: "S",
      default: 1,
    }),
    rounds,
    ...picturesOptions,
  },
  positionals: { model: modelArgument, picture: pictureArgument },
  async run(context) {
    const { inpaint: make } = await import("../../library/pictures/editing/inpaint.js");
    const { mask, ...request } = askedOf(context.options);
    if (mask === undefined) {
      throw new UsageError("there is no mask", {
        hint: "name a picture that is white where this one is made anew: --mask FILE",
      });
    }
    return editToFile(context, "inpainted", (model, run) =>
      make(model, context.positionals.picture, mask, request, run),
    );
  },
});

export const outpaint = defineCommand({
  name: "edit outpaint",
  summary: "draw what lies around a picture",
  details:
    "A model draws pictures of one size. The picture is brought to that size less the margins, and the margins are drawn around it as edit inpaint " +
    "draws what its mask covers: so the result has the model's size, and in it the picture is smaller than the model would show it. Margins are " +
    "pixels of the model's size. Without --out, MODEL-outpainted.png in the current folder.",
  examples: [
    ['atelier edit outpaint emoji face.png --margin 6 --prompt "face with party hat"', "six pixels more on every side"],
    ["atelier edit outpaint emoji face.png --margin 10,5,0,5 -n 4", "above, to the right and to the left"],
  ],
  options: {
    margin: value(z.string(), {
      summary: "pixels around the picture, or above, to the right, below and to the left of it",
      placeholder: "N[,N,N,N]",
    }),
    ...wishOptions,
    rounds,
    ...picturesOptions,
  },
  positionals: { model: modelArgument, picture: pictureArgument },
  async run(context) {
    const { outpaint: make } = await import("../../library/pictures/editing/outpaint.js");
    const { margin: given, ...settings } = askedOf(context.options);
    if (given === undefined) {
      throw new UsageError("there is no margin", { hint: "say how many pixels to draw on every side: --margin N" });
    }
    const request = { ...settings, margin: marginOf(given) };
    return editToFile(context, "outpainted", (model, run) => make(model, context.positionals.picture, request, run));
  },
});

function marginOf(text: string): Margin {
  const [top, right, bottom, left] = numbersIn("--margin", text, [1, 4]);
  return right === undefined ? top! : [top!, right, bottom!, left!];
}
