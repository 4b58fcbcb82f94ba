/**
 * Brightness, contrast and saturation of one picture, (C, H, W) in [-1, 1], by factors that leave it as it is at 1 and take all of it at
 * 0: the definitions of torchvision's ColorJitter, in this order. Opacity, a fourth channel, is left alone.
 */

export interface Tone {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

const clamp = (value: number): number => Math.min(1, Math.max(-1, value));

/** Changes `values` in place, each of the three steps cut off at [-1, 1]. */
export function retone(values: Float32Array, channels: number, { brightness, contrast, saturation }: Tone): void {
  const area = values.length / channels;
  const colours = values.subarray(0, area * Math.min(channels, 3));
  if (brightness !== 1) {
    for (let i = 0; i < colours.length; i++) colours[i] = clamp((colours[i]! + 1) * brightness - 1);
  }
  if (contrast !== 1) {
    let sum = 0;
    for (let i = 0; i < area; i++) sum += greyAt(colours, i, area);
    const mean = sum / area;
    for (let i = 0; i < colours.length; i++) colours[i] = clamp(mean + (colours[i]! - mean) * contrast);
  }
  if (saturation !== 1 && colours.length > area) {
    for (let i = 0; i < area; i++) {
      const grey = greyAt(colours, i, area);
      for (let at = i; at < colours.length; at += area) colours[at] = clamp(grey + (colours[at]! - grey) * saturation);
    }
  }
}

/** Brightness of a pixel as ITU-R BT.601 weighs the colours. */
function greyAt(colours: Float32Array, i: number, area: number): number {
  if (colours.length === area) return colours[i]!;
  return 0.299 * colours[i]! + 0.587 * colours[i + area]! + 0.114 * colours[i + 2 * area]!;
}
