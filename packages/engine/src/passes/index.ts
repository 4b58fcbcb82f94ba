/** The passes, in the order the compiler runs them. */
import { cancelMoves } from "./cancel-moves.js";
import { commonSubexpressions } from "./common-subexpressions.js";
import { foldConstants } from "./fold-constants.js";
import { fuseAttention } from "./fuse-attention.js";
import { fuseKernels } from "./fuse-kernels.js";
import { fuseMatmul } from "./fuse-matmul.js";
import type { Pass } from "./pass.js";
import { quantizeWeights } from "./quantize-weights.js";
import { resolveEmpty } from "./resolve-empty.js";
import { simplify } from "./simplify.js";

/** Passes that keep a graph within the differentiable primitives. */
export const cleaning: readonly Pass[] = [resolveEmpty, simplify, foldConstants, cancelMoves, commonSubexpressions];

/** Passes that choose kernels, after differentiation. */
export const fusing: readonly Pass[] = [fuseMatmul, fuseKernels, fuseAttention];

export { type Pass, runPasses } from "./pass.js";
export {
  cancelMoves,
  commonSubexpressions,
  foldConstants,
  fuseAttention,
  fuseKernels,
  fuseMatmul,
  quantizeWeights,
  resolveEmpty,
  simplify,
};
