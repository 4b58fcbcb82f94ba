/** What was made with a trained picture model beside drawing, made again from the same pictures and data. */
import { anomalies, anomalyPairs } from "../../library/pictures/anomalies.js";
import { findData, findInputs, InputGoneError } from "../../library/pictures/inputs.js";
import { interpolate } from "../../library/pictures/interpolate.js";
import { latentMap } from "../../library/pictures/latent-map.js";
import type {
  FullAnomaliesRequest,
  FullInterpolateRequest,
  FullLatentMapRequest,
  FullReconstructRequest,
  FullWalkRequest,
  InputData,
} from "../../library/pictures/latent-requests.js";
import { animationOf, mapOf, pairsOf, stripOf } from "../../library/pictures/layouts.js";
import { reconstruct, reconstructionPairs } from "../../library/pictures/reconstruct.js";
import { walk } from "../../library/pictures/walk.js";
import type { ModelRequest } from "../../library/request.js";
import type { How, Task } from "./task.js";

/** Frames as those were that they are compared with. */
export const framed = (frames: Parameters<typeof stripOf>[0], { output }: How) =>
  output.media === "animation" ? animationOf(frames) : stripOf(frames);

/** @throws {InputGoneError} where data of that name are there, and not the same */
function requireSame(before: InputData | undefined, now: ModelRequest): void {
  const fingerprint = "data" in now ? now.data?.fingerprint : undefined;
  if (before === undefined || before.fingerprint === fingerprint) return;
  throw new InputGoneError(`The data ${before.source ?? "of the model"} are no longer those that it was made of`, {
    hint: `Bring back those with the fingerprint ${before.fingerprint}.`,
  });
}

export const reconstructAgain: Task<FullReconstructRequest> = {
  async again(model, { pictures }, { path, signal }) {
    const { rows, provenance } = await reconstruct(model, await findInputs(pictures, path), { signal });
    return { output: await pairsOf(reconstructionPairs(rows)), made: provenance };
  },
};

export const interpolateAgain: Task<FullInterpolateRequest> = {
  async again(model, { task: _, pictures, ...request }, how) {
    const found = pictures === undefined ? undefined : await findInputs(pictures, how.path);
    const { frames, provenance } = await interpolate(model, { ...request, pictures: found }, { signal: how.signal });
    return { output: await framed(frames, how), made: provenance };
  },
};

export const walkAgain: Task<FullWalkRequest> = {
  async again(model, { task: _, data, picture, ...request }, how) {
    const start = picture === undefined ? { seed: how.seed } : { picture: await findInputs([picture], how.path) };
    const found = { ...request, ...start, data: data && (await findData(data, how.path)) };
    const { frames, provenance } = await walk(model, found, { signal: how.signal });
    requireSame(data, provenance.request);
    return { output: await framed(frames, how), made: provenance };
  },
};

export const latentMapAgain: Task<FullLatentMapRequest> = {
  async again(model, { task: _, data, ...request }, { path, signal }) {
    const found = { ...request, data: data && (await findData(data, path)) };
    const { pictures, columns, provenance } = await latentMap(model, found, { signal });
    requireSame(data, provenance.request);
    return { output: await mapOf(pictures, columns), made: provenance };
  },
};

export const anomaliesAgain: Task<FullAnomaliesRequest> = {
  async again(model, { data: before, score, count }, { path, signal }) {
    const data = await findData(before, path);
    if (data === undefined) {
      throw new InputGoneError("The data that it was made of were a program's own", {
        hint: "Run that program again.",
      });
    }
    // What is known of classes changes the figures, and not the sheet.
    const { shown, provenance } = await anomalies(model, { data, score, count }, { signal });
    requireSame(before, provenance.request);
    return { output: await pairsOf(anomalyPairs(shown)), made: provenance };
  },
};
