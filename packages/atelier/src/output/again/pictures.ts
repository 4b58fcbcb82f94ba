/** Pictures, generated again. */
import { generatePictures } from "../../library/pictures/generate.js";
import type { FullGeneratePicturesRequest } from "../../library/pictures/request.js";
import { arrange } from "../media/shown.js";
import type { Task } from "./task.js";

export const generatePicturesAgain: Task<FullGeneratePicturesRequest> = {
  async again(model, { task: _, ...request }, { seed, signal, output }) {
    const { pictures, provenance } = await generatePictures(model, { ...request, seed }, { signal });
    const shown = output.media === "picture" && output.shown !== undefined ? output.shown : { place: 0 };
    return { output: { media: "picture", picture: await arrange(pictures, shown), shown }, made: provenance };
  },
};
