/**
 * Muon: momentum whose matrices are orthogonalised before they are applied (Jordan et al. 2024,
 * https://kellerjordan.github.io/posts/muon). Matrices of one shape are orthogonalised together, as one batch of products.
 */
import {
  concat,
  flattenTree,
  type HostTensor,
  stack,
  type Tensor,
  type TreeRecord,
  treeFromPaths,
} from "@atelier/engine";
import { zerosLike } from "./adamw.js";
import { guarded, type Optimiser, type Selector, type Update } from "./optimiser.js";

export interface MuonSettings {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  /** Which of the matrices and kernels are for Muon; everything else goes to `rest`. A kernel is the matrix that it is of a patch. */
  readonly matrices: Selector;
  readonly rest: Optimiser;
  /** How many equal blocks of columns a matrix is made of, each orthogonalised by itself (queries, keys and values are three). */
  readonly blocks?: (path: string, shape: readonly number[]) => number;
  /** Newton–Schulz iterations. */
  readonly iterations?: number;
}

/** Coefficients of the quintic that grows small singular values fastest (Jordan et al. 2024). */
const [A, B, C] = [3.4445, -4.775, 2.0315];

/**
 * Newton–Schulz iteration towards the nearest semi-orthogonal matrix: singular values end between about 0.7 and 1.2.
 * x: (N, R, S), R ≤ S.
 */
export function newtonSchulz(x: Tensor, iterations = 5): Tensor {
  const norm = x.square().sum([1, 2], true).sqrt().add(1e-7); // (N, 1, 1)
  let y = x.div(norm);
  for (let i = 0; i < iterations; i++) {
    const gram = y.matmul(y.transposeLast()); // (N, R, R)
    const polynomial = gram.mul(B).add(gram.matmul(gram).mul(C)); // (N, R, R)
    y = y.mul(A).add(polynomial.matmul(y)); // (N, R, S)
  }
  return y;
}

export function muon(settings: MuonSettings): Optimiser {
  const { learningRate, momentum = 0.95, weightDecay = 0, matrices, rest, blocks = () => 1, iterations = 5 } = settings;
  const split = <Leaf extends { readonly shape: readonly number[] }>(
    tree: TreeRecord<Leaf>,
  ): [TreeRecord<Leaf>, TreeRecord<Leaf>] => {
    const entries = flattenTree<Leaf>(tree);
    const isMatrix = ([path, leaf]: [string, Leaf]): boolean => leaf.shape.length >= 2 && matrices(path, leaf.shape);
    return [treeFromPaths(entries.filter(isMatrix)), treeFromPaths(entries.filter((entry) => !isMatrix(entry)))];
  };
  return {
    name: "muon",
    init(params) {
      const [own, others] = split<HostTensor>(params);
      return { momentum: zerosLike(own), rest: rest.init(others) };
    },
    update(update: Update) {
      const { schedule, gradientScale, apply } = update;
      const [params, otherParams] = split<Tensor>(update.params);
      const [grads, otherGrads] = split<Tensor>(update.grads);
      const others = rest.update({
        ...update,
        params: otherParams,
        grads: otherGrads,
        state: update.state.rest as TreeRecord<Tensor>,
      });

      const keep = apply.mul(momentum - 1).add(1);
      const take = gradientScale.mul(1 - momentum);
      const old = new Map(flattenTree<Tensor>(update.state.momentum as TreeRecord<Tensor>));
      const gradients = new Map(flattenTree<Tensor>(grads));
      const averages = new Map<string, Tensor>();
      const pieces: { path: string; block: number; value: Tensor; transposed: boolean }[] = [];
      for (const [path, parameter] of flattenTree<Tensor>(params)) {
        const gradient = guarded(gradients.get(path)!, apply);
        const average = old.get(path)!.mul(keep).add(gradient.mul(take));
        averages.set(path, average);
        // Nesterov: look one step ahead along the average.
        const ahead = average.mul(momentum).add(gradient.mul(take));
        const matrix = asMatrix(ahead);
        const [rows, columns] = matrix.shape as [number, number];
        const count = blocks(path, parameter.shape);
        const width = columns / count;
        matrix.split(new Array<number>(count).fill(width), 1).forEach((value, block) => {
          pieces.push({ path, block, value: rows > width ? value.transpose() : value, transposed: rows > width });
        });
      }
      const moves = orthogonalised(pieces, iterations);
      const rate = schedule.mul(apply).mul(learningRate);
      const updated = flattenTree<Tensor>(params).map(([path, parameter]): [string, Tensor] => {
        const decayed = weightDecay > 0 ? parameter.mul(rate.mul(-weightDecay).add(1)) : parameter;
        return [path, decayed.sub(likeParameter(moves.get(path)!, parameter.shape).mul(rate))];
      });
      return {
        params: treeFromPaths([...updated, ...flattenTree<Tensor>(others.params)]),
        state: { momentum: treeFromPaths(averages), rest: others.state },
      };
    },
  };
}

/** Kernels (O, I, …) as matrices (I · …, O), which map a patch to channels; of a matrix (I, O), itself. */
function asMatrix(x: Tensor): Tensor {
  return x.shape.length === 2 ? x : x.reshape([x.shape[0]!, -1]).transpose();
}

/** What `asMatrix` makes of a tensor of this shape, in that shape again. */
function likeParameter(matrix: Tensor, shape: readonly number[]): Tensor {
  return shape.length === 2 ? matrix : matrix.transpose().reshape(shape);
}

/** Orthogonalises all pieces, those of one shape in one batch, and joins the blocks of each parameter again. */
function orthogonalised(
  pieces: readonly { path: string; block: number; value: Tensor; transposed: boolean }[],
  iterations: number,
): Map<string, Tensor> {
  const byShape = new Map<string, (typeof pieces)[number][]>();
  for (const piece of pieces) {
    const key = piece.value.shape.join("x");
    byShape.set(key, [...(byShape.get(key) ?? []), piece]);
  }
  const blocksOf = new Map<string, Tensor[]>();
  for (const group of byShape.values()) {
    const batch = newtonSchulz(stack(group.map((piece) => piece.value)), iterations); // (N, R, S)
    group.forEach(({ path, block, transposed }, i) => {
      const [rows, columns] = batch.shape.slice(1) as [number, number];
      const one = batch.slice(0, i, i + 1).reshape([rows, columns]);
      // A matrix that fans out is scaled up, so that updates have one size per entry whatever the shape: √max(1, out / in).
      const oriented = transposed ? one.transpose() : one;
      const scale = Math.sqrt(Math.max(1, oriented.shape[1]! / oriented.shape[0]!));
      const list = blocksOf.get(path) ?? [];
      list[block] = oriented.mul(scale);
      blocksOf.set(path, list);
    });
  }
  return new Map([...blocksOf].map(([path, blocks]) => [path, concat(blocks, 1)]));
}
