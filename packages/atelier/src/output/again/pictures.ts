/** Pictures, generated again. */
import type { Picture } from "@atelier/data";
import { generatePictures } from "../../library/pictures/generate.js";
import type { FullGeneratePicturesRequest } from "../../library/pictures/request.js";
import { arrange } from "../media/shown.js";
import type { Provenance } from "../provenance.js";
import type { Again, How, Task } from "./task.js";

/** Pictures as those were shown that they are compared with. */
export async function shownAgain(
  { pictures, provenance }: { readonly pictures: readonly Picture[]; readonly provenance: Provenance },
  { output }: How,
): Promise<Again> {
  const shown = output.media === "picture" && output.shown !== undefined ? output.shown : { place: 0 };
  return { output: { media: "picture", picture: await arrange(pictures, shown), shown }, made: provenance };
}

export const generatePicturesAgain: Task<FullGeneratePicturesRequest> = {
  async again(model, { task: _, ...request }, how) {
    return shownAgain(await generatePictures(model, { ...request, seed: how.seed }, { signal: how.signal }), how);
  },
};
