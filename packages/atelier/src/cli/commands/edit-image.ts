/** `atelier edit image` and `atelier edit style`: a picture, drawn anew out of itself. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { decimal, value } from "../options.js";
import {
  askedOf,
  editToFile,
  fileOptions,
  guidanceOptions,
  modelArgument,
  pictureArgument,
  picturesOptions,
  wishOptions,
} from "./edit-options.js";

export const image = defineCommand({
  name: "edit image",
  summary: "draw a picture anew out of itself, more or less freely",
  details:
    "Image to image, as SDEdit has it (Meng et al. 2022): noise is put over the picture, to the level that --strength says, and a diffusion model " +
    "takes it away again. What the noise does not hide stays: at 0.2 hardly more than details change, at 0.5 colours and the coarse form are " +
    "left, at 1 next to nothing. Without --prompt and --class the model shows whatever it likes. Without --out, MODEL-edited.png in the " +
    "current folder.",
  examples: [
    ['atelier edit image emoji face.png --prompt "green face" --out green.png', "the same face, in green"],
    ["atelier edit image fashion shoe.png --class Sandal --strength 0.4 -n 9 --seed 7", "nine sandals made of a shoe"],
  ],
  options: {
    ...wishOptions,
    strength: value(decimal({ min: 0, max: 1 }), {
      summary: "how much is drawn anew: 0 gives the picture back, 1 leaves next to nothing of it",
      placeholder: "S",
      default: 0.5,
    }),
    ...picturesOptions,
  },
  positionals: { model: modelArgument, picture: pictureArgument },
  async run(context) {
    const { editImage } = await import("../../library/pictures/editing/edit-image.js");
    const { options, positionals } = context;
    return editToFile(context, "edited", (model, run) => editImage(model, positionals.picture, askedOf(options), run));
  },
});

export const style = defineCommand({
  name: "edit style",
  summary: "give a picture another style, or make something else of it",
  details:
    "This is image to image, and no optimisation over the features of a network: DDIM (Song et al. 2021) is run backwards, from the picture to the " +
    "noise that the model would make it of, and then forwards under what --prompt or --class says. --from-prompt and --from-class say what the " +
    "picture shows as it is, which makes the way back truer. Nothing is drawn at random, so that there is one result and no seed. Without " +
    "--out, MODEL-restyled.png in the current folder.",
  examples: [
    ['atelier edit style emoji dog.png --from-prompt "dog face" --prompt "cat face"', "a cat that looks like that dog"],
    ["atelier edit style fashion shirt.png --from-class Shirt --class Coat --strength 0.8", "a coat of a shirt"],
  ],
  options: {
    ...wishOptions,
    fromPrompt: value(z.string(), { summary: "what the picture shows as it is", placeholder: "TEXT" }),
    fromClass: value(z.string(), { summary: "the class of the picture as it is", placeholder: "NAME" }),
    strength: value(decimal({ min: 0, max: 1 }), {
      summary: "how far back into noise: 0 gives the picture back, 1 leaves what its noise remembers",
      placeholder: "S",
      default: 0.6,
    }),
    ...guidanceOptions,
    steps: { ...guidanceOptions.steps, summary: "steps into the noise and out of it, each (default: 50)" },
    ...fileOptions,
  },
  positionals: { model: modelArgument, picture: pictureArgument },
  async run(context) {
    const { restyle } = await import("../../library/pictures/editing/restyle.js");
    const { prompt, class: name, fromPrompt, fromClass, strength, steps, guidance } = context.options;
    if ((prompt ?? name) === undefined) {
      throw new UsageError("it was not said what the picture is to show", {
        hint: "give --prompt TEXT or --class NAME",
      });
    }
    const from = (fromPrompt ?? fromClass) === undefined ? undefined : { prompt: fromPrompt, class: fromClass };
    const request = { prompt, class: name, from, strength, steps, guidance };
    return editToFile(context, "restyled", (model, run) => restyle(model, context.positionals.picture, request, run));
  },
});
