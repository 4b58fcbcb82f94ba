/** Affine maps and embeddings. Weights are laid out [in, out]. */
import { type Initializer, type Scope, type Tensor, zeros } from "@atelier/engine";

export interface LinearOptions {
  readonly bias: boolean;
  readonly weight: Initializer;
}

/** x W + b. x: (…, in) → (…, out). Leading axes are flattened, so that the product is a single large one. */
export function linear(scope: Scope, x: Tensor, out: number, { bias, weight }: LinearOptions): Tensor {
  const width = x.shape.at(-1)!;
  const product = x.reshape([-1, width]).matmul(scope.param("weight", [width, out], weight)); // (N, out)
  const shifted = bias ? product.add(scope.param("bias", [out], zeros)) : product;
  return shifted.reshape([...x.shape.slice(0, -1), out]);
}
