/** Learning-rate schedules: factors in [0, 1], traced from the step counter. */
import { scalar, type Tensor } from "@atelier/engine";

/** step: float32 scalar, counted from 0 → float32 scalar */
export type Schedule = (step: Tensor) => Tensor;

export const constantRate: Schedule = () => scalar(1);

const warmUp = (step: Tensor, warmup: number): Tensor =>
  warmup === 0
    ? scalar(1)
    : step
        .add(1)
        .div(warmup + 1)
        .minimum(1);

/** Linear warm-up, then half a cosine down to `final` (Loshchilov and Hutter 2017), as nanoGPT has it. */
export const warmupCosine =
  ({
    warmup,
    total,
    final = 0.1,
  }: {
    readonly warmup: number;
    readonly total: number;
    readonly final?: number;
  }): Schedule =>
  (step) => {
    const progress = step
      .sub(warmup)
      .div(Math.max(1, total - warmup))
      .maximum(0)
      .minimum(1);
    const cosine = progress
      .mul(Math.PI)
      .cos()
      .add(1)
      .mul(0.5 * (1 - final))
      .add(final);
    return step.less(warmup).select(warmUp(step, warmup), cosine);
  };

/** Linear warm-up, a plateau, then a straight line down to `final` over the last `decay` of the steps (Hu et al. 2024). */
export const warmupStableDecay =
  ({
    warmup,
    total,
    decay = 0.5,
    final = 0,
  }: {
    readonly warmup: number;
    readonly total: number;
    readonly decay?: number;
    readonly final?: number;
  }): Schedule =>
  (step) => {
    const length = Math.max(1, total * decay);
    const left = scalar(total).sub(step).div(length).maximum(0).minimum(1);
    return warmUp(step, warmup).mul(left.mul(1 - final).add(final));
  };
