/**
 * Adaptive discriminator augmentation (Karras et al. 2020, "Training generative adversarial networks with limited data"): where pictures
 * are few, the discriminator sees real and generated ones only after random changes. Each is made with the probability p, so that what is
 * generated need not look changed, and p follows how well the discriminator knows the real pictures by heart. Gradients flow through all.
 *
 * B: batch, C, H, W: channels, height and width. Of the paper's changes these are the ones that small pictures bear.
 */
import { constant, type Scope, type Tensor, zeros } from "@atelier/engine";
import type { AdaptiveAugmentation } from "./configuration.js";

export const augmentations = ["flip", "shift", "brightness", "contrast", "cutout"] as const;
export type Augmentation = (typeof augmentations)[number];

/** With more, changes begin to leak into what is generated (section 2.2). */
const MOST = 0.8;

/** p, a buffer of the discriminator; it begins at 0. () */
export const augmentationProbability = (scope: Scope): Tensor =>
  scope.at("augmentation").buffer("probability", [], zeros);

/**
 * Moves p by one batch: up where r = E[sign D(real)] is above the target, down where it is below, by the batch's share of the ramp
 * (section 3).
 *
 * @param signs r: ()
 */
export function adaptProbability(
  scope: Scope,
  { target, ramp }: AdaptiveAugmentation,
  signs: Tensor,
  batch: number,
): void {
  const moved = augmentationProbability(scope).add(
    signs
      .sub(target)
      .sign()
      .mul(batch / ramp),
  );
  scope.at("augmentation").setBuffer("probability", moved.maximum(0).minimum(MOST));
}

/** Changes every picture by itself, each kind with the probability p. x: (B, C, H, W), p: () → (B, C, H, W) */
export const augment = (scope: Scope, kinds: readonly Augmentation[], x: Tensor, p: Tensor): Tensor =>
  augmentations
    .filter((kind) => kinds.includes(kind))
    .reduce((changed, kind) => changes[kind](drawsOf(scope, kind, x.shape[0]!, p), changed), x);

/** What one change draws for each picture. */
interface Draws {
  /** Where the change is made, with p or a part of it: (B) bool */
  readonly chosen: (share?: number) => Tensor;
  /** In [low, high): (B) */
  readonly uniform: (name: string, low: number, high: number) => Tensor;
  /** Normal: (B) */
  readonly normal: (name: string, standardDeviation: number) => Tensor;
}

function drawsOf(scope: Scope, kind: Augmentation, batch: number, p: Tensor): Draws {
  const s = scope.at("augmentation").at(kind);
  const uniform = (name: string, low: number, high: number): Tensor =>
    s.random(name, [batch], { kind: "uniform", low, high });
  return {
    uniform,
    chosen: (share = 1) => uniform("chosen", 0, 1).less(p.mul(share)),
    normal: (name, standardDeviation) => s.random(name, [batch], { kind: "normal", mean: 0, standardDeviation }),
  };
}

/** (B) → (B, 1, 1, 1) */
const column = (x: Tensor): Tensor => x.reshape([-1, 1, 1, 1]);

/** As the paper's appendix B has them, for pictures in [−1, 1]. */
const changes: Readonly<Record<Augmentation, (draws: Draws, x: Tensor) => Tensor>> = {
  // Half of the pictures that are chosen stay as they are, so that neither side is preferred.
  flip: ({ chosen }, x) => column(chosen(0.5)).select(x.reverse(3), x),
  shift: ({ chosen, uniform }, x) => {
    const shifted = chosen();
    return [2, 3].reduce((moved, axis) => {
      const most = Math.floor(x.shape[axis]! / 8);
      const by = uniform(axis === 2 ? "down" : "across", -most, most + 1)
        .floor()
        .minimum(most);
      return shiftBy(moved, shifted.select(by, 0), axis);
    }, x);
  },
  brightness: ({ chosen, normal }, x) => x.add(column(chosen().select(normal("amount", 0.2), 0))),
  contrast: ({ chosen, normal }, x) =>
    x.mul(
      column(
        chosen()
          .select(normal("amount", 0.5 * Math.LN2), 0)
          .exp(),
      ),
    ),
  cutout: ({ chosen, uniform }, x) => {
    const [height, width] = x.shape.slice(2) as [number, number];
    const inside = [height, width].map((n, i) => {
      const centre = column(uniform(i === 0 ? "down" : "across", 0, n));
      const place = i === 0 ? places(n).reshape([1, 1, n, 1]) : places(n);
      return place
        .add(0.5)
        .sub(centre)
        .abs()
        .lessEqual(n / 4);
    });
    return inside
      .reduce((a, b) => a.and(b))
      .and(column(chosen()))
      .select(0, x);
  },
};

/** 0, 1, …, n − 1 */
const places = (n: number): Tensor => constant(Float32Array.from({ length: n }, (_, i) => i));

/** Moves pictures along an axis by whole pixels, mirrored at the edges, as a product with a matrix of zeros and ones. by: (B) */
function shiftBy(x: Tensor, by: Tensor, axis: number): Tensor {
  const length = x.shape[axis]!;
  const from = places(length).sub(by.expandDims(1)).abs(); // (B, N)
  const mirrored = from
    .sub(length - 1)
    .abs()
    .neg()
    .add(length - 1);
  const matrix = mirrored.cast("int32").oneHot(length).expandDims(1); // (B, 1, N to, N from)
  return axis === 2 ? matrix.matmul(x) : x.matmul(matrix.transposeLast());
}
