/** Linear multistep: the directions of earlier steps are continued, at one call a step. */
import { combine, type DiffusionSampler, directionOf, samplerOf } from "./sampler.js";

/** How many steps are looked back on. */
const ORDER = 4;

/**
 * The linear multistep method (Adams and Bashforth, of order 4 and variable step; with diffusion models first in Liu et al. 2022, "Pseudo
 * numerical methods for diffusion models on manifolds"; in σ as k-diffusion has it): the polynomial through the last directions
 * is integrated from σ to s.
 */
export const sampleLms: DiffusionSampler = samplerOf("lms", () => {
  /** Newest first. */
  const past: { readonly sigma: number; readonly direction: Float64Array }[] = [];
  return ({ x, sigma, next, denoised }) => {
    past.unshift({ sigma, direction: directionOf(x, denoised, sigma) });
    past.splice(ORDER);
    const levels = past.map((each) => each.sigma);
    return combine(
      [1, x],
      ...past.map(({ direction }, j) => [lagrangeIntegral(levels, j, sigma, next), direction] as const),
    );
  };
});

/** The integral of the polynomial that is 1 at `nodes[j]` and 0 at the others. */
function lagrangeIntegral(nodes: readonly number[], j: number, from: number, to: number): number {
  const value = (at: number): number =>
    nodes.reduce((product, node, k) => (k === j ? product : (product * (at - node)) / (nodes[j]! - node)), 1);
  // Gauss and Legendre's rule of two points is exact up to the third degree.
  const [middle, half] = [(from + to) / 2, (to - from) / 2];
  const off = half / Math.sqrt(3);
  return half * (value(middle - off) + value(middle + off));
}
