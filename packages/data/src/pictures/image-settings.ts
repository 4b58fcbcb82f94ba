/**
 * How pictures of any size and kind are brought to one: what has to be known to do it again in the same way, and so a part of the
 * codec, of the cache's key and of every figure that depends on it (resizing alone can change FID by more than a better model:
 * Parmar, Zhang, Zhu, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation", CVPR 2022).
 */
import { z } from "zod";

const length = z.int().min(1).max(4096);

export const imageSettingsSchema = z.strictObject({
  /** In pixels: one number for squares, or [width, height]. */
  size: z.union([length, z.tuple([length, length])]),
  /** 1 grey, 3 colour, 4 colour with opacity. */
  channels: z.union([z.literal(1), z.literal(3), z.literal(4)]).default(3),
  /** Another aspect: whole with margins (contain), cut at the longer sides (cover), or distorted (fill). */
  fit: z.enum(["contain", "cover", "fill"]).default("contain"),
  /** The resampling kernel, as libvips has it; all but `nearest` are widened when a picture is made smaller, and so do not alias. */
  filter: z.enum(["nearest", "linear", "cubic", "mitchell", "lanczos2", "lanczos3"]).default("lanczos3"),
  /** Under what is transparent and in margins: #rrggbb. With 4 channels transparency stays, and margins are transparent. */
  background: z
    .string()
    .regex(/^#[0-9a-f]{6}$/, "a background is written #rrggbb")
    .default("#ffffff"),
});

export type ImageSettings = Readonly<z.infer<typeof imageSettingsSchema>>;

/** What a caller writes: everything but the size may be left out. */
export type ImageSettingsInput = Readonly<z.input<typeof imageSettingsSchema>>;

export const sizeOf = ({ size }: Pick<ImageSettings, "size">): { readonly width: number; readonly height: number } =>
  typeof size === "number" ? { width: size, height: size } : { width: size[0], height: size[1] };
