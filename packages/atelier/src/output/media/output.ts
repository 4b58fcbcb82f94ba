/** Whatever models make, and what its provenance says of it. */
import type { Picture } from "@atelier/data";
import { z } from "zod";
import { type Shown, shownSchema } from "./shown.js";

/** Text: one sample, or several. */
export interface TextOutput {
  readonly media: "text";
  readonly texts: readonly string[];
  /** Whether they begin with their prompt, or hold what stands around a filled gap. */
  readonly whole: boolean;
}

/** One picture, or several on one sheet. */
export interface PictureOutput {
  readonly media: "picture";
  readonly picture: Picture;
  /** Of several pictures: which of them it is, or how they lie on it. */
  readonly shown?: Shown | undefined;
}

export interface AnimationOutput {
  readonly media: "animation";
  /** All of one size. */
  readonly frames: readonly Picture[];
  /** Milliseconds a frame is shown. */
  readonly delay: number;
  /** How often all of it is shown; 0, the default, is without end. */
  readonly loop?: number | undefined;
}

export type Output = TextOutput | PictureOutput | AnimationOutput;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const outputSchema = z.discriminatedUnion("media", [
  z.strictObject({
    media: z.literal("text"),
    /** Of the file. */
    sha256,
    /** Whether the prompt, or what stands around a gap, is part of it. */
    whole: z.boolean(),
  }),
  z.strictObject({
    media: z.literal("picture"),
    format: z.enum(["png", "webp", "jpeg", "gif"]),
    /** Of the pixels that the file decodes to, since the file itself holds this. */
    sha256,
    shown: shownSchema.optional(),
  }),
  z.strictObject({
    media: z.literal("animation"),
    format: z.enum(["gif", "webp"]),
    /** Of the pixels of all frames that the file decodes to. */
    sha256,
  }),
]);
/** An output by its hash, and how it became a file. */
export type OutputRecord = z.infer<typeof outputSchema>;
export type TextRecord = Extract<OutputRecord, { readonly media: "text" }>;
export type PictureRecord = Extract<OutputRecord, { readonly media: "picture" }>;
export type AnimationRecord = Extract<OutputRecord, { readonly media: "animation" }>;
