/**
 * Posterior collapse: a decoder that does without a latent axis leaves the posterior at the prior there, and what is drawn from the prior
 * then all looks alike (Bowman et al. 2016; Lucas et al. 2019).
 */
import { ArgumentError } from "@atelier/engine";
import { ACTIVE_VARIANCE } from "./vae.js";

export interface CollapseReport {
  /** Axes on which the means of the posterior vary from picture to picture by more than 0.01 (Burda et al. 2016, section 5.2). */
  readonly activeUnits: number;
  /** Axes in all. */
  readonly of: number;
  /** Fewer than a tenth are in use. */
  readonly collapsed: boolean;
  readonly message: string;
}

/** Where fewer of the axes than this share are in use, little of a picture can pass through them. */
const LEAST_SHARE = 0.1;

/**
 * @param means the means of the posteriors of many pictures, (N, L), row by row
 * @param latent L
 * @throws {ArgumentError} for fewer than two rows, of which nothing can vary
 */
export function posteriorCollapse(means: Float32Array, latent: number): CollapseReport {
  const rows = means.length / latent;
  if (!Number.isInteger(rows) || rows < 2) {
    throw new ArgumentError(
      `posteriorCollapse: two rows or more of ${latent} means are needed, got ${means.length} numbers`,
    );
  }
  let activeUnits = 0;
  for (let axis = 0; axis < latent; axis++) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < rows; row++) {
      // Against the first row, so that large means do not swallow small differences.
      const off = means[row * latent + axis]! - means[axis]!;
      sum += off;
      squares += off * off;
    }
    if (squares / rows - (sum / rows) ** 2 > ACTIVE_VARIANCE) activeUnits++;
  }
  const collapsed = activeUnits < Math.max(1, LEAST_SHARE * latent);
  const counted = `${activeUnits} of ${latent} latent axes are in use`;
  const advice =
    "the decoder draws pictures without looking at where it is. Lower beta, let it rise over more steps (klWarmup), or use a smaller decoder.";
  return { activeUnits, of: latent, collapsed, message: collapsed ? `${counted}: ${advice}` : counted };
}
