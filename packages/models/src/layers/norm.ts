/** Normalisation layers over the last axis, with their own scale (and shift). */
import { layerNorm, ones, rmsNorm, type Scope, type Tensor, zeros } from "@atelier/engine";

export type NormKind = "layer" | "rms" | "rms-plain";

/** x: (…, C) → (…, C). `rms-plain` has no parameters. */
export function norm(scope: Scope, x: Tensor, kind: NormKind, bias: boolean): Tensor {
  if (kind === "rms-plain") return rmsNorm(x);
  const width = x.shape.at(-1)!;
  const scale = scope.param("scale", [width], ones);
  if (kind === "rms") return rmsNorm(x, scale);
  return layerNorm(x, scale, bias ? scope.param("shift", [width], zeros) : undefined);
}
