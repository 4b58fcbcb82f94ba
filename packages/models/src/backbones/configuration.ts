/**
 * The settings of a transformer, two presets, and the checks that catch impossible sizes before anything is built. They are the same
 * whether it reads causally (`gpt`) or both ways (`bert`).
 */
import { ArgumentError } from "@atelier/engine";
import type { NormKind } from "../layers/norm.js";

export type Activation = "gelu" | "gelu-tanh" | "relu-squared" | "swiglu";

export interface TransformerConfiguration {
  /** How many tokens there are. */
  readonly vocabulary: number;
  /** The longest sequence, in tokens. */
  readonly context: number;
  readonly layers: number;
  readonly heads: number;
  /** Key and value heads, shared by groups of query heads (grouped-query attention); `heads` for ordinary attention. */
  readonly keyValueHeads: number;
  /** Width of the residual stream, a multiple of `heads`. */
  readonly width: number;
  /** Width inside the MLP. */
  readonly hidden: number;
  /** Biases in linear layers and shifts in layer norms. */
  readonly bias: boolean;
  readonly dropout: number;
  readonly positions: "learned" | "rotary";
  readonly norm: NormKind;
  /** RMS norm of queries and keys, which bounds the attention logits (Henry et al. 2020; Dehghani et al. 2023). */
  readonly queryKeyNorm: boolean;
  readonly activation: Activation;
  /** The output layer is the transposed token embedding (Press and Wolf 2017). */
  readonly tiedHead: boolean;
  /** Layers that write to the residual stream, and an untied head, start at zero, so that every block starts as the identity. */
  readonly zeroProjections: boolean;
}

export type TransformerSize = Pick<TransformerConfiguration, "vocabulary" | "context" | "layers" | "heads" | "width">;

/** A complete configuration from the sizes; `changes` override any setting. @throws {ArgumentError} for an impossible one */
export type TransformerPreset = (
  size: TransformerSize,
  changes?: Partial<TransformerConfiguration>,
) => TransformerConfiguration;

/** The presets of a family, which errors name. */
export const transformerPresets = (
  family: string,
): { readonly classic: TransformerPreset; readonly modern: TransformerPreset } => ({
  classic: (size, changes = {}) =>
    checked(family, {
      keyValueHeads: size.heads,
      hidden: 4 * size.width,
      bias: true,
      dropout: 0,
      positions: "learned",
      norm: "layer",
      queryKeyNorm: false,
      activation: "gelu",
      tiedHead: true,
      zeroProjections: false,
      ...size,
      ...changes,
    }),
  modern: (size, changes = {}) =>
    checked(family, {
      keyValueHeads: size.heads,
      hidden: 4 * size.width,
      bias: false,
      dropout: 0,
      positions: "rotary",
      norm: "rms-plain",
      queryKeyNorm: true,
      activation: "relu-squared",
      tiedHead: false,
      zeroProjections: true,
      ...size,
      ...changes,
    }),
});

/** @throws {ArgumentError} naming the setting that cannot be. */
function checked(family: string, c: TransformerConfiguration): TransformerConfiguration {
  const refuse = (setting: string, problem: string): never => {
    throw new ArgumentError(`${family}: ${setting} ${problem}`, { hint: `Change "${setting}" in the recipe.` });
  };
  for (const key of ["vocabulary", "context", "layers", "heads", "keyValueHeads", "width", "hidden"] as const) {
    if (!Number.isSafeInteger(c[key]) || c[key] < 1) refuse(key, `must be a whole number from 1 up, got ${c[key]}`);
  }
  if (c.width % c.heads !== 0) refuse("width", `${c.width} does not divide into ${c.heads} heads`);
  if (c.heads % c.keyValueHeads !== 0) refuse("keyValueHeads", `${c.keyValueHeads} does not divide ${c.heads} heads`);
  if (c.positions === "rotary" && (c.width / c.heads) % 2 !== 0) {
    refuse("width", `${c.width} over ${c.heads} heads gives an odd head width, which rotary positions cannot pair`);
  }
  if (!(c.dropout >= 0 && c.dropout < 1)) refuse("dropout", `must lie in [0, 1), got ${c.dropout}`);
  return c;
}
