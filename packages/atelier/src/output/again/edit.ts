/** Edited pictures, made again of the same pictures. */
import { editImage } from "../../library/pictures/editing/edit-image.js";
import { inpaint } from "../../library/pictures/editing/inpaint.js";
import { interpolateWishes, mixPictures } from "../../library/pictures/editing/mix.js";
import { outpaint } from "../../library/pictures/editing/outpaint.js";
import type {
  FullEditImageRequest,
  FullInpaintRequest,
  FullInterpolateWishesRequest,
  FullMixPicturesRequest,
  FullOutpaintRequest,
  FullRestyleRequest,
} from "../../library/pictures/editing/requests.js";
import { restyle } from "../../library/pictures/editing/restyle.js";
import { findInputs } from "../../library/pictures/inputs.js";
import { framed } from "./latent.js";
import { shownAgain } from "./pictures.js";
import type { Task } from "./task.js";

export const editImageAgain: Task<FullEditImageRequest> = {
  async again(model, { task: _, picture, ...request }, how) {
    const found = await findInputs([picture], how.path);
    return shownAgain(await editImage(model, found, { ...request, seed: how.seed }, { signal: how.signal }), how);
  },
};

export const inpaintAgain: Task<FullInpaintRequest> = {
  async again(model, { task: _, picture, mask, ...request }, how) {
    const [found, covering] = await findInputs([picture, mask], how.path);
    const asked = { ...request, seed: how.seed };
    return shownAgain(await inpaint(model, found!, covering!, asked, { signal: how.signal }), how);
  },
};

export const outpaintAgain: Task<FullOutpaintRequest> = {
  async again(model, { task: _, picture, ...request }, how) {
    const found = await findInputs([picture], how.path);
    return shownAgain(await outpaint(model, found, { ...request, seed: how.seed }, { signal: how.signal }), how);
  },
};

export const mixPicturesAgain: Task<FullMixPicturesRequest> = {
  async again(model, { task: _, ...request }, how) {
    return shownAgain(await mixPictures(model, { ...request, seed: how.seed }, { signal: how.signal }), how);
  },
};

export const interpolateWishesAgain: Task<FullInterpolateWishesRequest> = {
  async again(model, { task: _, ...request }, how) {
    const asked = { ...request, seed: how.seed };
    const { frames, provenance } = await interpolateWishes(model, asked, { signal: how.signal });
    return { output: await framed(frames, how), made: provenance };
  },
};

export const restyleAgain: Task<FullRestyleRequest> = {
  async again(model, { task: _, picture, sampler: __, ...request }, how) {
    const found = await findInputs([picture], how.path);
    return shownAgain(await restyle(model, found, request, { signal: how.signal }), how);
  },
};
