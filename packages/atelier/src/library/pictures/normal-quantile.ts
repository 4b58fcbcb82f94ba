/** The point below which a standard normal variable lies with a given probability. */

/** p₀ + p₁ x + p₂ x² + … */
const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

/**
 * Φ⁻¹, to about seven digits (Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988, PPND7).
 * @param probability between 0 and 1, and no nearer to them than 1e-10
 */
export function normalQuantile(probability: number): number {
  const q = probability - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    const above = polynomial([3.3871327179, 50.434271938, 159.29113202, 59.10937472], r);
    return (q * above) / polynomial([1, 17.895169469, 78.757757664, 67.1875636], r);
  }
  const r = Math.sqrt(-Math.log(Math.min(probability, 1 - probability))) - 1.6;
  const above = polynomial([1.4234372777, 2.75681539, 1.3067284816, 0.17023821103], r);
  return (Math.sign(q) * above) / polynomial([1, 0.7370016425, 0.12021132975], r);
}
