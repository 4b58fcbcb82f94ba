/** Spectral normalisation (Miyato et al. 2018): weights are divided by their largest singular value where they are used. */
import { type Initializer, type Interceptor, normal, type Tensor } from "@atelier/engine";

export interface SpectralNormOptions {
  /** The axis that counts the weight's outputs; all others together are its inputs: 1 for a transposed convolution, either for a matrix. */
  readonly axis?: number;
  /** Steps of power iteration before each use while training. */
  readonly iterations?: number;
}

/** What a weight of zeros, and its products, are divided by. */
const EPSILON = 1e-12;

/**
 * For `scope.intercept("*.weight", spectralNorm())`. The direction u that the weight stretches most is estimated by power iteration,
 * one step for every use while training (Algorithm 1), and kept in the buffer `<name>.direction` (outputs). As in the paper, the
 * gradient flows through σ = uᵀ W v with u and v held fixed.
 */
export function spectralNorm({ axis = 0, iterations = 1 }: SpectralNormOptions = {}): Interceptor {
  return (weight, { path, shape }, scope) => {
    const outputs = shape[axis]!;
    const front = [axis, ...shape.map((_, i) => i).filter((i) => i !== axis)];
    const matrix = weight.transpose(front).reshape([outputs, -1]); // (O, I)
    const fixed = matrix.stopGradient();
    const name = `${path.slice(path.lastIndexOf(".") + 1)}.direction`;
    let u = scope.buffer(name, [outputs], direction).reshape([outputs, 1]); // (O, 1)
    let v = unit(fixed.transposeLast().matmul(u)); // (I, 1)
    if (scope.training) {
      for (let i = 0; i < iterations; i++) {
        u = unit(fixed.matmul(v));
        if (i < iterations - 1) v = unit(fixed.transposeLast().matmul(u));
      }
      scope.setBuffer(name, u.reshape([outputs]));
    }
    const sigma = u.transposeLast().matmul(matrix).matmul(v).reshape([]);
    return weight.div(sigma.maximum(EPSILON));
  };
}

/** A random vector of length 1. */
const direction: Initializer = (key, shape) => {
  const u = normal(1)(key, shape);
  const length = Math.sqrt(u.reduce((sum, x) => sum + x * x, 0));
  return u.map((x) => x / length);
};

const unit = (x: Tensor): Tensor => x.div(x.square().sum().sqrt().maximum(EPSILON));
