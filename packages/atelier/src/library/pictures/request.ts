/** What can be asked of a model that makes pictures: as people ask it, and in full, as it is kept with the output. */
import { z } from "zod";
import { samplingShape } from "../../recipe/diffusion-schema.js";
import { checkRequest } from "../check-request.js";
import { editRequestSchemas } from "./editing/requests.js";
import { latentRequestSchemas } from "./latent-requests.js";
import { upscaleSchema } from "./upscale-request.js";

export interface GeneratePicturesRequest {
  /** How many pictures; 1 by default, or of several prompts one of each. */
  readonly samples?: number | undefined;
  /** Of this class, by name, for models that were told the classes of their pictures. */
  readonly class?: string | undefined;
  /**
   * What the pictures are to show, for models that learnt from captions; of several, each picture has one in turn. Without it they show
   * whatever the model likes.
   */
  readonly prompt?: string | readonly string[] | undefined;
  /** Scales the noise that pictures are drawn from: 1, the default, is the model's own distribution, and 0 always gives the same picture. */
  readonly temperature?: number | undefined;
  /** How noise is taken away, of diffusion models: one of `diffusionSamplers`, by default what the model's recipe says. */
  readonly sampler?: string | undefined;
  /** At how many levels; more take longer and are truer to the model. */
  readonly steps?: number | undefined;
  /** How far pictures are driven towards their class or prompt: 1 leaves them as the model has learnt them, 0 leaves what was asked for out of it. */
  readonly guidance?: number | undefined;
  /** The same seed makes the same pictures; by default another one each time, named in the provenance. */
  readonly seed?: number | undefined;
}

const promptText = z.string().min(1);

export const generatePicturesSchema = z.strictObject({
  task: z.literal("generate-pictures"),
  samples: z.int().min(1).default(1),
  class: z.string().optional(),
  prompt: z.union([promptText, z.array(promptText).min(1)]).optional(),
  temperature: z.number().min(0).default(1),
  sampler: z.string().optional(),
  steps: samplingShape.steps.optional(),
  guidance: samplingShape.guidance.optional(),
});
export type FullGeneratePicturesRequest = z.infer<typeof generatePicturesSchema>;

/** @throws {ArgumentError} naming the setting that is wrong. */
export const fullGeneratePicturesRequest = ({
  seed: _,
  ...request
}: GeneratePicturesRequest): FullGeneratePicturesRequest =>
  checkRequest(generatePicturesSchema, {
    ...request,
    task: "generate-pictures",
    samples: request.samples ?? [request.prompt].flat().length,
  });

/** Of all requests to models of pictures. */
export const pictureRequestSchemas = [
  generatePicturesSchema,
  ...latentRequestSchemas,
  upscaleSchema,
  ...editRequestSchemas,
] as const;
