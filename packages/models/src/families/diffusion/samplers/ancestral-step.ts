/**
 * How a step to the noise level s is divided into a deterministic one, past it to σ_down, and fresh noise of the deviation σ_up, such that
 * σ_down² + σ_up² = s². At η = 1, σ_up² = s² (σ² − s²) / σ² is the variance of the posterior q(x_s | x_σ, x₀) (Ho et al. 2020, equation
 * 7; Song et al. 2021, equation 16), here of the process that does not shrink the picture.
 */
export function ancestralStep(
  sigma: number,
  next: number,
  eta: number,
): { readonly down: number; readonly up: number } {
  const up = Math.min(next, eta * next * Math.sqrt(1 - (next / sigma) ** 2));
  return { down: Math.sqrt(next ** 2 - up ** 2), up };
}
