/**
 * The diffusion transformer (Peebles and Xie 2023, "Scalable diffusion models with transformers"): a picture is cut into patches, which
 * a transformer reads as a sequence. The conditioning vector sets shift, scale and gate of every layer ("adaLN-Zero", section 3.2): all
 * start at zero, so that every block starts as the identity.
 *
 * B: batch, T: patches, C: width, P: side of a patch.
 */
import {
  concat,
  constant,
  full,
  gelu,
  hostTensor,
  layerNorm,
  type Scope,
  silu,
  type Tensor,
  zeros,
} from "@atelier/engine";
import type { Conditioning } from "../conditions/embed.js";
import { linear } from "../layers/linear.js";
import { crossAttention, selfAttention } from "./multi-head-attention.js";
import { keeping, refuse, requireCounts, requirePictures, withGrid } from "./settings.js";

export interface DiffusionTransformerConfiguration {
  /** Side of a patch, in pixels; divides height and width. */
  readonly patch: number;
  readonly layers: number;
  readonly heads: number;
  /** A multiple of `heads` and of 4. */
  readonly width: number;
  /** Width inside the MLP; four times the width by default. */
  readonly hidden?: number;
  /** Channels of the result. */
  readonly output: number;
  /** RMS norm of queries and keys; off by default. */
  readonly queryKeyNorm?: boolean;
  /** Tokens join the sequence behind the patches (`append`, the default), or every block attends to them in a layer of its own (`cross`). */
  readonly tokens?: "append" | "cross";
}

const NAME = "diffusionTransformer";

/**
 * x: (B, channels, H, W) → (B, output, H, W), zeros at first
 *
 * @throws {ArgumentError} naming the setting that cannot be
 */
export function diffusionTransformer(
  scope: Scope,
  configuration: DiffusionTransformerConfiguration,
  x: Tensor,
  conditioning: Conditioning,
): Tensor {
  check(configuration, x);
  const { patch, layers, width, output } = configuration;
  const [batch, , height, across] = x.shape as [number, number, number, number];
  const grid: Grid = [height / patch, across / patch];
  const count = grid[0] * grid[1];

  const patches = patchify(withGrid(x, conditioning), patch, grid); // (B, T, channels · P · P)
  const embedded = linear(scope.at("patches"), patches, width, { bias: true, weight: keeping(patches.shape[2]!) });
  let h = embedded.add(sincosPositions(grid, width)); // (B, T, C)

  const { tokens } = conditioning;
  const appended = tokens !== undefined && configuration.tokens !== "cross" ? tokens : undefined;
  let mask: Tensor | undefined;
  if (appended !== undefined) {
    const read = { bias: true, weight: keeping(appended.values.shape[2]!) };
    h = concat([h, linear(scope.at("tokens"), appended.values, width, read)], 1); // (B, T + S, C)
    mask = concat([full([batch, count], 1), appended.mask], 1); // (B, T + S)
  }
  const vector = conditioning.vector === undefined ? undefined : silu(conditioning.vector);
  const crossed = appended === undefined ? tokens : undefined;
  for (let layer = 0; layer < layers; layer++) {
    h = scope.at("blocks").at(layer, (s) => block(s, configuration, h, { vector, tokens: crossed, mask }));
  }
  if (appended !== undefined) h = h.slice(1, 0, count); // (B, T, C)

  return scope.at("output", (s) => {
    const [shift, scale] = modulation(s.at("modulation"), vector, width, 2);
    const last = modulate(h, shift!, scale!);
    const pixels = linear(s, last, output * patch * patch, { bias: true, weight: zeros });
    return unpatchify(pixels, patch, grid); // (B, output, H, W)
  });
}

interface BlockConditioning {
  /** (B, any width), after its activation */
  readonly vector: Tensor | undefined;
  readonly tokens: Conditioning["tokens"];
  readonly mask: Tensor | undefined;
}

/** Figure 3 of the paper, "DiT block with adaLN-Zero". x: (B, T, C) → (B, T, C) */
function block(
  scope: Scope,
  { width, heads, hidden = 4 * width, queryKeyNorm }: DiffusionTransformerConfiguration,
  x: Tensor,
  { vector, tokens, mask }: BlockConditioning,
): Tensor {
  const [shift1, scale1, gate1, shift2, scale2, gate2] = modulation(scope.at("modulation"), vector, width, 6);
  const attended = scope.at("attention", (s) =>
    selfAttention(s, modulate(x, shift1!, scale1!), { heads, queryKeyNorm, mask }),
  );
  let h = x.add(attended.mul(gate1!)); // (B, T, C)
  if (tokens !== undefined) {
    // Without a gate of its own it starts at zero by its weights, as the identity (PixArt-α, Chen et al. 2023, section 2.3).
    h = h.add(scope.at("cross-attention", (s) => crossAttention(s, h, tokens, { heads, queryKeyNorm, output: zeros })));
  }
  const mixed = scope.at("mlp", (s) => {
    const read = modulate(h, shift2!, scale2!);
    const expanded = gelu(linear(s.at("expand"), read, hidden, { bias: true, weight: keeping(width) })); // (B, T, hidden)
    return linear(s.at("contract"), expanded, width, { bias: true, weight: keeping(hidden) });
  });
  return h.add(mixed.mul(gate2!)); // (B, T, C)
}

/** So many rows (B, 1, C) from the vector, all zeros at first. Without a vector they are parameters: (1, 1, C). */
function modulation(scope: Scope, vector: Tensor | undefined, width: number, count: number): readonly Tensor[] {
  const rows =
    vector === undefined
      ? scope.param("bias", [count * width], zeros).reshape([1, -1])
      : linear(scope, vector, count * width, { bias: true, weight: zeros }); // (B, count · C)
  return rows.expandDims(1).split(new Array<number>(count).fill(width), 2);
}

/** Layer norm without parameters of its own, then scale and shift. (B, T, C) */
const modulate = (x: Tensor, shift: Tensor, scale: Tensor): Tensor =>
  layerNorm(x, undefined, undefined, 1e-6).mul(scale.add(1)).add(shift);

/** Patches down and across. */
type Grid = readonly [number, number];

/** (B, channels, H, W) → (B, T, channels · P · P), patches in reading order */
function patchify(x: Tensor, patch: number, [rows, columns]: Grid): Tensor {
  const [batch, channels] = x.shape as [number, number];
  return x
    .reshape([batch, channels, rows, patch, columns, patch])
    .transpose([0, 2, 4, 1, 3, 5])
    .reshape([batch, rows * columns, channels * patch * patch]);
}

/** The inverse of `patchify`. */
function unpatchify(x: Tensor, patch: number, [rows, columns]: Grid): Tensor {
  const [batch, , width] = x.shape as [number, number, number];
  const channels = width / patch ** 2;
  return x
    .reshape([batch, rows, columns, channels, patch, patch])
    .transpose([0, 3, 1, 4, 2, 5])
    .reshape([batch, channels, rows * patch, columns * patch]);
}

/** sin and cos of the row in the first half of the width, of the column in the second. (T, C) */
function sincosPositions([rows, columns]: Grid, width: number): Tensor {
  const quarter = width / 4;
  const data = new Float32Array(rows * columns * width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) * width;
      for (let i = 0; i < quarter; i++) {
        const rate = 10_000 ** (-i / quarter);
        data[at + i] = Math.sin(row * rate);
        data[at + quarter + i] = Math.cos(row * rate);
        data[at + 2 * quarter + i] = Math.sin(column * rate);
        data[at + 3 * quarter + i] = Math.cos(column * rate);
      }
    }
  }
  return constant(hostTensor(data, [rows * columns, width]));
}

function check(c: DiffusionTransformerConfiguration, x: Tensor): void {
  requirePictures(NAME, x);
  const { patch, layers, heads, width, hidden = 4 * width, output } = c;
  requireCounts(NAME, { patch, layers, heads, width, hidden, output });
  if (width % heads !== 0) refuse(NAME, "width", `${width} does not divide into ${heads} heads`);
  if (width % 4 !== 0) refuse(NAME, "width", `${width} is no multiple of 4, which the positions in a picture need`);
  const [height, across] = x.shape.slice(2) as [number, number];
  if (height % patch !== 0 || across % patch !== 0) {
    refuse(NAME, "patch", `${patch} does not divide pictures of ${height} × ${across} pixels`);
  }
}
