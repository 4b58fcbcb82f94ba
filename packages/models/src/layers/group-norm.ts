/** Group norm with a scale and a shift for each channel. */
import { groupNorm as normalizeGroups, ones, type Scope, type Tensor, zeros } from "@atelier/engine";

/**
 * Normalises the channels of each example in groups (Wu and He 2018). x: (N, C, …) → the same shape. Parameters: scale, shift (C).
 * @throws {ShapeError} where the channels do not fall into the groups
 */
export function groupNorm(scope: Scope, x: Tensor, { groups }: { readonly groups: number }): Tensor {
  const channels = x.shape[1]!;
  return normalizeGroups(x, groups, scope.param("scale", [channels], ones), scope.param("shift", [channels], zeros));
}
