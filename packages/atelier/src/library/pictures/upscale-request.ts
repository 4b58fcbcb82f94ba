/** What can be asked of a model that makes pictures larger, in full, as it is kept with the output. */
import { z } from "zod";
import { inputSchema } from "./latent-requests.js";

export const upscaleSchema = z.strictObject({
  task: z.literal("upscale"),
  picture: inputSchema,
  /** By how much height and width grew. */
  factor: z.union([z.literal(2), z.literal(4)]),
});
export type FullUpscaleRequest = z.infer<typeof upscaleSchema>;
