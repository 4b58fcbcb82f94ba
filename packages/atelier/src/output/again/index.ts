/** Every kind of request, and how what it made is made again. */
import type { Model } from "../../library/model.js";
import type { ModelRequest } from "../../library/request.js";
import {
  editImageAgain,
  inpaintAgain,
  interpolateWishesAgain,
  mixPicturesAgain,
  outpaintAgain,
  restyleAgain,
} from "./edit.js";
import { anomaliesAgain, interpolateAgain, latentMapAgain, reconstructAgain, walkAgain } from "./latent.js";
import { generatePicturesAgain } from "./pictures.js";
import type { Again, How, Task } from "./task.js";
import { fillAgain, generateAgain } from "./text.js";
import { upscaleAgain } from "./upscale.js";

type Tasks = { readonly [Name in ModelRequest["task"]]: Task<Extract<ModelRequest, { readonly task: Name }>> };

const tasks: Tasks = {
  generate: generateAgain,
  fill: fillAgain,
  "generate-pictures": generatePicturesAgain,
  reconstruct: reconstructAgain,
  interpolate: interpolateAgain,
  walk: walkAgain,
  "latent-map": latentMapAgain,
  anomalies: anomaliesAgain,
  upscale: upscaleAgain,
  "edit-image": editImageAgain,
  inpaint: inpaintAgain,
  outpaint: outpaintAgain,
  "mix-pictures": mixPicturesAgain,
  "interpolate-wishes": interpolateWishesAgain,
  restyle: restyleAgain,
};

export function again(model: Model, request: ModelRequest, how: How): Promise<Again> {
  // Each takes the requests of its own name, which the table's type makes sure of.
  const task: Task<ModelRequest> = tasks[request.task];
  return task.again(model, request, how);
}
