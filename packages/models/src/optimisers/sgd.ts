/** Stochastic gradient descent with momentum, in PyTorch's form: v ← μ v + g, p ← p − η (g + μ v) with Nesterov, else p − η v. */
import type { Tensor, TreeRecord } from "@atelier/engine";
import { zerosLike } from "./adamw.js";
import { guarded, matricesOnly, type Optimiser, type Selector, zipRecords } from "./optimiser.js";

export interface SgdSettings {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** L2 decay, decoupled from the gradient. */
  readonly weightDecay?: number;
  readonly decays?: Selector;
}

export function sgd({
  learningRate,
  momentum = 0,
  nesterov = false,
  weightDecay = 0,
  decays = matricesOnly,
}: SgdSettings): Optimiser {
  return {
    name: "sgd",
    init: (params) => (momentum === 0 ? {} : { velocity: zerosLike(params) }),
    update({ params, grads, state, schedule, gradientScale, apply }) {
      const rate = schedule.mul(apply).mul(learningRate);
      const scaled = zipRecords<Tensor, Tensor>(([g]) => guarded(g!, apply).mul(gradientScale), grads);
      const keep = apply.mul(momentum - 1).add(1);
      const velocity =
        momentum === 0
          ? scaled
          : zipRecords<Tensor, Tensor>(([v, g]) => v!.mul(keep).add(g!), state.velocity as TreeRecord<Tensor>, scaled);
      const updated = zipRecords<Tensor, Tensor>(
        ([p, v, g], path) => {
          const direction = nesterov && momentum > 0 ? g!.add(v!.mul(momentum)) : v!;
          const decayed = decays(path, p!.shape) && weightDecay > 0 ? p!.mul(rate.mul(-weightDecay).add(1)) : p!;
          return decayed.sub(direction.mul(rate));
        },
        params,
        velocity,
        scaled,
      );
      return { params: updated, state: momentum === 0 ? {} : { velocity } };
    },
  };
}
