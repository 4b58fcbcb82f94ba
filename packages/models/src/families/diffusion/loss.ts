/**
 * The loss of a diffusion model: noise of a random level is added, and the network's prediction compared with what it should be.
 *
 * Pictures here are in units of the data's own deviation, and ρ = σ / σ_data. (B, …) stands for (B, C, H, W), ρ is (B, 1, 1, 1).
 */
import { constant, hostTensor, type Scope, type Tensor } from "@atelier/engine";
import { type DiffusionConfiguration, type LossWeighting, sigmaRange, trainingSchedule } from "./configuration.js";
import { precondition } from "./prediction.js";

/**
 * The weighted squared error, its mean over values and batch.
 *
 * @param x (B, …)
 * @param noise ε, (B, …)
 * @param predict F(c_in x) at these ratios: (B, …) → (B, …)
 */
export function denoisingLoss(
  c: Pick<DiffusionConfiguration, "prediction" | "weighting">,
  x: Tensor,
  noise: Tensor,
  ratio: Tensor,
  predict: (x: Tensor) => Tensor,
): Tensor {
  const coefficients = precondition(c.prediction, ratio);
  const noised = x.add(noise.mul(ratio)).mul(coefficients.in);
  const target = x.mul(coefficients.target.picture).add(noise.mul(coefficients.target.noise));
  const error = predict(noised).sub(target).square();
  const weight = weightOf(c.weighting, ratio);
  return (weight === undefined ? error : error.mul(coefficients.out.square().mul(weight))).mean();
}

/** Of the squared error of x₀, which is c_out² times that of the prediction; undefined for 1 / c_out². */
function weightOf(weighting: LossWeighting, ratio: Tensor): Tensor | undefined {
  const signalToNoise = ratio.square().reciprocal();
  switch (weighting.kind) {
    case "prediction":
      return undefined;
    case "epsilon":
      return signalToNoise;
    case "edm":
      return signalToNoise.add(1);
    case "min-snr":
      return signalToNoise.minimum(weighting.gamma);
  }
}

/** A noise level for each row of a batch: (B, 1, 1, 1) */
export function drawRatio(scope: Scope, c: DiffusionConfiguration, batch: number): Tensor {
  const shape = [batch, 1, 1, 1];
  const schedule = trainingSchedule(c.noise);
  if (schedule !== undefined) {
    const { sigmas } = schedule;
    const ratios = constant(hostTensor(Float32Array.from(sigmas, (sigma) => sigma / c.dataDeviation)));
    const time = scope.random("time", [batch], { kind: "uniform", low: 0, high: sigmas.length });
    // Rounding may reach the end, which is not in the range.
    return ratios
      .gather(
        time
          .floor()
          .minimum(sigmas.length - 1)
          .cast("int32"),
      )
      .reshape(shape);
  }
  if (c.noise.kind === "log-normal") {
    return scope.random("level", shape, { ...c.noise, kind: "normal" }).exp();
  }
  const { min, max } = sigmaRange(c);
  const timeAt = (sigma: number): number => sigma / (sigma + c.dataDeviation);
  const time = scope.random("time", shape, { kind: "uniform", low: timeAt(min), high: timeAt(max) });
  return time.div(time.neg().add(1));
}
