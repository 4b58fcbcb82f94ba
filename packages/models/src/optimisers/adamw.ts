/** Adam with decoupled weight decay (Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2). */
import { type HostTensor, hostTensor, mapTree, scalar, sizeOf, type Tensor, type TreeRecord } from "@atelier/engine";
import { guarded, matricesOnly, type Optimiser, type Selector, type Update, zipRecords } from "./optimiser.js";

export interface AdamwSettings {
  readonly learningRate: number;
  readonly betas?: readonly [number, number];
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Which parameters decay; by default tensors of two axes or more. */
  readonly decays?: Selector;
  /** Multiplies the learning rate of some parameters. */
  readonly rateOf?: (path: string, shape: readonly number[]) => number;
}

export function adamw(settings: AdamwSettings): Optimiser {
  const {
    betas = [0.9, 0.999],
    epsilon = 1e-8,
    weightDecay = 0.01,
    decays = matricesOnly,
    rateOf = () => 1,
  } = settings;
  const [beta1, beta2] = betas;
  return {
    name: "adamw",
    init: (params) => ({ first: zerosLike(params), second: zerosLike(params) }),
    update({ params, grads, state, schedule, gradientScale, apply, count }: Update) {
      const step = count.add(1);
      const unbias1 = scalar(1).sub(scalar(beta1).pow(step));
      const unbias2 = scalar(1).sub(scalar(beta2).pow(step)).sqrt();
      // Where apply is 0 these are 1, 0, 1 and 0: nothing moves.
      const keep1 = scalar(1).sub(apply.mul(1 - beta1));
      const take1 = gradientScale.mul(1 - beta1);
      const keep2 = scalar(1).sub(apply.mul(1 - beta2));
      const take2 = gradientScale.square().mul(1 - beta2);
      const rate = schedule.mul(apply).mul(settings.learningRate);

      const guardedGrads = mapTree<Tensor, Tensor>(grads, (g) => guarded(g, apply)) as TreeRecord<Tensor>;
      const first = zipRecords(
        ([m, g]) => m!.mul(keep1).add(g!.mul(take1)),
        state.first as TreeRecord<Tensor>,
        guardedGrads,
      );
      const second = zipRecords(
        ([v, g]) => v!.mul(keep2).add(g!.square().mul(take2)),
        state.second as TreeRecord<Tensor>,
        guardedGrads,
      );
      const updated = zipRecords<Tensor, Tensor>(
        ([p, m, v], path) => {
          const own = rate.mul(rateOf(path, p!.shape));
          // m / (√v / √(1 − β₂ᵗ) + ε) · η / (1 − β₁ᵗ), with the scalars gathered so that tensors are walked as rarely as possible.
          const denominator = v!.sqrt().add(unbias2.mul(epsilon));
          const move = m!.div(denominator).mul(own.mul(unbias2).div(unbias1));
          const decayed = decays(path, p!.shape) && weightDecay > 0 ? p!.mul(scalar(1).sub(own.mul(weightDecay))) : p!;
          return decayed.sub(move);
        },
        params,
        first,
        second,
      );
      return { params: updated, state: { first, second } };
    },
  };
}

/** Zeros in the shape of every parameter. */
export const zerosLike = (params: TreeRecord<HostTensor>): TreeRecord<HostTensor> =>
  mapTree<HostTensor, HostTensor>(params, ({ shape }) =>
    hostTensor(new Float32Array(sizeOf(shape)), shape),
  ) as TreeRecord<HostTensor>;
