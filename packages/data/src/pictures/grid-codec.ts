/**
 * What grids are to families: an array with named axes whose channels are divided into fields. Likelihood, noise and the activation of
 * the output follow from the fields, so that a family never asks what the grid shows.
 */
import type { Picture } from "./picture.js";

/** A span of channels, in order. */
export interface GridField {
  readonly name: string;
  readonly channels: number;
  readonly kind: "continuous" | "categorical" | "ordinal";
  /** The least and the greatest value. */
  readonly range: readonly [low: number, high: number];
  /** How many values it really takes, equally spaced over the range; undefined: any. */
  readonly levels?: number;
}

export interface GridSpec {
  /** (C, H, W). */
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly axes: readonly ["channel", "height", "width"];
  readonly fields: readonly GridField[];
}

/** How pictures become grids of numbers and come back. */
export interface GridCodec {
  readonly kind: "grid";
  /** `image`. */
  readonly name: string;
  readonly spec: GridSpec;
  /** (N, H, W, C) bytes to (N, C, H, W). @throws ArgumentError where the bytes are no whole number of pictures. */
  encode(pixels: Uint8Array): Float32Array<ArrayBuffer>;
  /** (N, C, H, W) to N pictures; values outside the range become its ends. @throws ArgumentError as `encode`. */
  decode(values: Float32Array): Picture[];
  /** What `loadGridCodec` takes. */
  toJSON(): unknown;
}
