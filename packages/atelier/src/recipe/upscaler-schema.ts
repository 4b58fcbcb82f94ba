/** What a recipe says of an upscaler: how much larger it makes pictures, and how large it is itself. */
import { z } from "zod";
import { count } from "./training-schema.js";

export const upscalerModelSchema = z.strictObject({
  /** By how much height and width grow. */
  factor: z.union([z.literal(2), z.literal(4)]).default(2),
  /** Channels of its network. */
  channels: count.default(32),
  /** Residual blocks, of two convolutions each. */
  blocks: z.int().min(0).default(4),
});
