/** Flipping, moving, turning and scaling one picture, (C, H, W), in one resampling. */

export type Border = "reflect" | "edge";

/** Applied in the order of the fields, turning and scaling about the picture's centre. */
export interface Placement {
  readonly flip: boolean;
  /** Counter-clockwise, as seen. */
  readonly radians: number;
  /** Above 1 the picture becomes larger. */
  readonly factor: number;
  /** Whole pixels to the right and down. */
  readonly right: number;
  readonly down: number;
}

export interface PictureShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The place inside 0 … length - 1 that stands for one outside. */
export function inside(at: number, length: number, border: Border): number {
  if (at >= 0 && at < length) return at;
  if (border === "edge" || length === 1) return at < 0 ? 0 : length - 1;
  const period = 2 * (length - 1);
  const folded = ((at % period) + period) % period;
  return folded < length ? folded : period - folded;
}

/** Writes `from` into `to` as placed; whole pixels are copied, places between pixels are interpolated bilinearly. */
export function place(
  from: Float32Array,
  to: Float32Array,
  shape: PictureShape,
  placement: Placement,
  border: Border,
): void {
  if (placement.radians === 0 && placement.factor === 1) move(from, to, shape, placement, border);
  else resample(from, to, shape, placement, border);
}

function move(
  from: Float32Array,
  to: Float32Array,
  { channels, height, width }: PictureShape,
  { flip, right, down }: Placement,
  border: Border,
): void {
  const columns = Int32Array.from({ length: width }, (_, x) => {
    const column = inside(x - right, width, border);
    return flip ? width - 1 - column : column;
  });
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const source = (channel * height + inside(y - down, height, border)) * width;
      const target = (channel * height + y) * width;
      for (let x = 0; x < width; x++) to[target + x] = from[source + columns[x]!]!;
    }
  }
}

function resample(
  from: Float32Array,
  to: Float32Array,
  { channels, height, width }: PictureShape,
  { flip, radians, factor, right, down }: Placement,
  border: Border,
): void {
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  // Backwards, from where a value goes to where it comes from. Rows count downwards.
  const [cos, sin] = [Math.cos(radians) / factor, Math.sin(radians) / factor];
  const area = width * height;
  for (let y = 0; y < height; y++) {
    const fromCentreY = y - down - centreY;
    for (let x = 0; x < width; x++) {
      const fromCentreX = x - right - centreX;
      const turnedX = centreX + cos * fromCentreX - sin * fromCentreY;
      const sourceY = centreY + sin * fromCentreX + cos * fromCentreY;
      const sourceX = flip ? width - 1 - turnedX : turnedX;
      const [floorX, floorY] = [Math.floor(sourceX), Math.floor(sourceY)];
      const [partX, partY] = [sourceX - floorX, sourceY - floorY];
      const [left, next] = [inside(floorX, width, border), inside(floorX + 1, width, border)];
      const top = inside(floorY, height, border) * width;
      const bottom = inside(floorY + 1, height, border) * width;
      for (let base = 0, at = y * width + x; base < channels * area; base += area, at += area) {
        const above = from[base + top + left]! * (1 - partX) + from[base + top + next]! * partX;
        const below = from[base + bottom + left]! * (1 - partX) + from[base + bottom + next]! * partX;
        to[at] = above * (1 - partY) + below * partY;
      }
    }
  }
}
