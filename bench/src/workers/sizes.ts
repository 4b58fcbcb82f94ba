/** The model sizes of nanoGPT's two tinyshakespeare configurations, as peers/nanogpt.py has them. */

export interface Size {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  /** Tokens in a window. */
  readonly context: number;
  /** Windows in a batch. */
  readonly batch: number;
}

/** nanoGPT's configuration for a CPU, and the one for a GPU. */
export const sizeNames = ["nanogpt-cpu", "nanogpt-gpu"] as const;

export type SizeName = (typeof sizeNames)[number];

export const sizes: Readonly<Record<SizeName, Size>> = {
  "nanogpt-cpu": { layers: 4, heads: 4, width: 128, context: 64, batch: 12 },
  "nanogpt-gpu": { layers: 6, heads: 6, width: 384, context: 256, batch: 16 },
};
