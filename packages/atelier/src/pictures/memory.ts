/**
 * Whether the training of a picture model fits into the machine's memory, judged before anything is allocated: parameters are counted, and
 * the values that a step keeps for the way back are read off its traced graph.
 */
import {
  type HostTensor,
  hostTensor,
  input,
  leavesOf,
  mapTree,
  nodesOf,
  RandomKey,
  Scope,
  sizeOf,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { countParameters } from "@atelier/models";
import type { PictureRecipe } from "../recipe/schema.js";
import { fitsMemory } from "../training/memory.js";
import { type GridModel, learntShape } from "./picture-family.js";

const FLOAT = 4;
/** Copies of each parameter at the peak of a call: weights, two moments and the gradient, on the host and in the runtime. */
const COPIES = 18;
/** Of the values of a forward pass: about half are kept, and gradients take as much again. */
const KEPT = 1.5;
/** Node, ONNX Runtime, and pictures in memory beside. */
const PROCESS = 300e6;

/** The nodes of a step's forward pass, of all phases, without compiling anything. */
function forwardNodes({ training }: PictureRecipe, model: GridModel): ReturnType<typeof nodesOf> {
  const { trainable } = model;
  const key = RandomKey.fromSeed(0);
  const symbolic = (tree: TreeRecord<HostTensor>): TreeRecord<Tensor> =>
    mapTree<HostTensor, Tensor>(tree, ({ shape, dtype }, path) => input(path, shape, dtype)) as TreeRecord<Tensor>;
  const declared = Object.entries(trainable.networks).map(([name, network]) => {
    const { params, buffers } = Scope.declare(network, key);
    return [name, { params: symbolic(params), buffers: symbolic(buffers) }] as const;
  });
  // Each phase draws for itself.
  const scopesOf = (phase: string): Record<string, Scope> =>
    Object.fromEntries(
      declared.map(([name, trees]) => [name, Scope.over(trees, { training: true, draws: `${phase}.${name}.` })]),
    );
  const shape = [training.batch, ...learntShape(model)];
  const x = hostTensor(new Float32Array(sizeOf(shape)), shape);
  const batch = mapTree(model.batch(x, new Int32Array(training.batch)), (leaf, path) =>
    input(`batch.${path}`, leaf.shape, leaf.dtype),
  ) as TreeRecord<Tensor>;
  const losses = new Map(trainable.phases.map((phase) => [phase.name, phase.loss(scopesOf(phase.name), batch).loss]));
  return nodesOf({ outputs: losses });
}

/** Of all networks. */
export const parametersOf = ({ trainable }: GridModel): number =>
  Object.values(trainable.networks).reduce(
    (sum, network) => sum + countParameters(leavesOf(Scope.declare(network, RandomKey.fromSeed(0)).params)),
    0,
  );

/** Bytes. */
export function estimatePictureMemory(recipe: PictureRecipe, model: GridModel): number {
  const values = forwardNodes(recipe, model).reduce(
    (sum, { outputs }) => sum + outputs.reduce((all, output) => all + sizeOf(output.shape), 0),
    0,
  );
  return PROCESS + FLOAT * (COPIES * parametersOf(model) + KEPT * values);
}

/** Floating-point operations of a training step: those of products and convolutions, and twice as many for the way back. */
export function trainingOperations(recipe: PictureRecipe, model: GridModel): number {
  let forward = 0;
  for (const { op, inputs, outputs } of forwardNodes(recipe, model)) {
    const [first, second] = inputs;
    const [out] = outputs;
    if (first === undefined || second === undefined || out === undefined) continue;
    if (op === "matmul") forward += 2 * sizeOf(out.shape) * first.shape.at(-1)!;
    // Weights are (out, in, …kernel): each output value is a sum over all but the first.
    if (op === "conv") forward += 2 * sizeOf(out.shape) * sizeOf(second.shape.slice(1));
  }
  return 3 * forward;
}

/** @returns a warning where memory is tight. @throws {MemoryError} */
export const checkPictureMemory = (recipe: PictureRecipe, model: GridModel): string | undefined =>
  fitsMemory(estimatePictureMemory(recipe, model), () => `training.batch (${recipe.training.batch}) or the model`);

/**
 * Steps in one call: several while a step is so short that copying the state weighs against it, and all are alike. Where a phase has its turn
 * now and then, every run of other steps would be a graph of its own.
 */
export const repeatFor = (model: GridModel, batch: number): number =>
  parametersOf(model) < 2e6 &&
  batch * sizeOf(learntShape(model)) <= 2 ** 19 &&
  model.trainable.phases.every(({ every }) => every === 1)
    ? 8
    : 1;
