/**
 * Normalisation in picture networks, and how a conditioning vector acts on them: it scales and shifts every channel (FiLM, Perez et al.
 * 2018).
 *
 * B: batch, C: channels.
 */
import { groupNorm as normalizeGroups, ones, type Scope, silu, type Tensor, zeros } from "@atelier/engine";
import { groupNorm } from "../layers/group-norm.js";
import { linear } from "../layers/linear.js";
import { keeping } from "./settings.js";

/**
 * Group norm with a scale and a shift for each channel, in as many groups as divide the channels, at most 32 and of at least four
 * channels; then, where there is a vector, what `film` does. x: (B, C, H, W), vector: (B, any width)
 */
export function pictureNorm(scope: Scope, x: Tensor, vector?: Tensor): Tensor {
  const channels = x.shape[1]!;
  const groups = groupsOf(channels);
  if (vector === undefined) return groupNorm(scope, x, { groups });
  const { factor, shift } = filmOf(scope, vector, channels);
  // The two scales and shifts are joined while they are small, so that pictures are walked once.
  const column = [channels, 1, 1];
  const ownScale = scope.param("scale", [channels], ones).reshape(column);
  const ownShift = scope.param("shift", [channels], zeros).reshape(column);
  return normalizeGroups(x, groups).mul(ownScale.mul(factor)).add(ownShift.mul(factor).add(shift));
}

/** x · (1 + scale) + shift, both from the vector; x itself without one. x: (B, C, H, W), vector: (B, any width) */
export function film(scope: Scope, x: Tensor, vector: Tensor | undefined): Tensor {
  if (vector === undefined) return x;
  const { factor, shift } = filmOf(scope, vector, x.shape[1]!);
  return x.mul(factor).add(shift);
}

/** 1 + scale and shift: (B, C, 1, 1) each */
function filmOf(scope: Scope, vector: Tensor, channels: number): { readonly factor: Tensor; readonly shift: Tensor } {
  const options = { bias: true, weight: keeping(vector.shape[1]!) };
  const rows = linear(scope.at("condition"), silu(vector), 2 * channels, options); // (B, 2 C)
  const [scale, shift] = rows.reshape([-1, 2 * channels, 1, 1]).split([channels, channels], 1);
  return { factor: scale!.add(1), shift: shift! };
}

/** A group of one channel would lose its mean, and on a map of one pixel everything. */
function groupsOf(channels: number): number {
  let groups = Math.max(1, Math.min(32, Math.floor(channels / 4)));
  while (channels % groups !== 0) groups--;
  return groups;
}
