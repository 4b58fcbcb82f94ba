/** A picture, made larger again. */
import { findInputs } from "../../library/pictures/inputs.js";
import { upscale } from "../../library/pictures/upscale.js";
import type { FullUpscaleRequest } from "../../library/pictures/upscale-request.js";
import type { Task } from "./task.js";

export const upscaleAgain: Task<FullUpscaleRequest> = {
  async again(model, { picture, factor }, { path, signal }) {
    const { rows } = await upscale(model, await findInputs([picture], path), { factor }, { signal });
    const { enlarged, provenance } = rows[0]!;
    return { output: { media: "picture", picture: enlarged }, made: provenance };
  },
};
