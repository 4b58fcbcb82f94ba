/**
 * The image codec: a picture is one continuous field of 1, 3 or 4 channels, its 256 levels spread evenly over [-1, 1]. It also holds how
 * files are brought to its size, so that whatever a model is shown later is prepared as what it learnt from.
 */
import { ArgumentError, FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import type { GridCodec, GridSpec } from "./grid-codec.js";
import { type ImageSettings, type ImageSettingsInput, imageSettingsSchema, sizeOf } from "./image-settings.js";
import type { Picture, PictureChannels } from "./picture.js";

export const imageCodecSchema = z.strictObject({
  kind: z.literal("grid"),
  codec: z.literal("image"),
  ...imageSettingsSchema.shape,
});

/** level / 127.5 - 1, in float32. */
const valueOfLevel = Float32Array.from({ length: 256 }, (_, level) => level / 127.5 - 1);

export class ImageCodec implements GridCodec {
  readonly kind = "grid";
  readonly name = "image";
  readonly spec: GridSpec;
  readonly settings: ImageSettings;

  /** @throws ArgumentError for settings that are none. */
  constructor(settings: ImageSettingsInput) {
    const parsed = imageSettingsSchema.safeParse(settings);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw new ArgumentError(
        `The image settings are wrong: ${issue.path.join(".") || "the whole"}: ${issue.message}`,
        {
          hint: "They are { size, channels, fit, filter, background }; only size is needed.",
        },
      );
    }
    this.settings = parsed.data;
    const { width, height } = sizeOf(this.settings);
    const { channels } = this.settings;
    this.spec = {
      shape: [channels, height, width],
      axes: ["channel", "height", "width"],
      fields: [{ name: "colour", channels, kind: "continuous", range: [-1, 1], levels: 256 }],
    };
  }

  encode(pixels: Uint8Array): Float32Array<ArrayBuffer> {
    const { area, channels, count } = this.divide(pixels.length);
    const out = new Float32Array(pixels.length);
    let at = 0;
    for (let picture = 0; picture < count; picture++) {
      for (let channel = 0; channel < channels; channel++) {
        let from = picture * area * channels + channel;
        for (let i = 0; i < area; i++, from += channels) out[at++] = valueOfLevel[pixels[from]!]!;
      }
    }
    return out;
  }

  decode(values: Float32Array): Picture[] {
    const { area, channels, count } = this.divide(values.length);
    const [, height, width] = this.spec.shape;
    const bytes = new Uint8ClampedArray(values.length); // Rounds to the nearest level; NaN becomes 0.
    let at = 0;
    for (let picture = 0; picture < count; picture++) {
      for (let channel = 0; channel < channels; channel++) {
        let to = picture * area * channels + channel;
        for (let i = 0; i < area; i++, to += channels) bytes[to] = (values[at++]! + 1) * 127.5;
      }
    }
    const one = area * channels;
    const data = (i: number): Uint8Array => new Uint8Array(bytes.buffer, i * one, one);
    return Array.from({ length: count }, (_, i) => ({ width, height, channels, data: data(i) }));
  }

  toJSON(): z.infer<typeof imageCodecSchema> {
    return { kind: "grid", codec: "image", ...this.settings };
  }

  /** How many pictures so many numbers are. */
  private divide(length: number): { area: number; channels: PictureChannels; count: number } {
    const [, height, width] = this.spec.shape;
    const { channels } = this.settings;
    const area = height * width;
    const count = length / (area * channels);
    if (!Number.isInteger(count)) {
      throw new ArgumentError(
        `${length} numbers are no whole number of pictures of ${channels}×${height}×${width} = ${channels * area}`,
        { hint: "Decode pictures with the settings of the codec that encodes them." },
      );
    }
    return { area, channels, count };
  }
}

/**
 * A grid codec from what its `toJSON` wrote (already parsed).
 * @throws FormatError naming the field that is missing or wrong.
 */
export function loadGridCodec(json: unknown): ImageCodec {
  const parsed = imageCodecSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new FormatError(`This is not a saved image codec: ${issue.path.join(".") || "the whole"}: ${issue.message}`, {
      hint: "Load the codec.json that was written beside the model.",
    });
  }
  const { kind: _kind, codec: _codec, ...settings } = parsed.data;
  return new ImageCodec(settings);
}
