/** What lies around a transformer that reads tokens: the embedding before it and the head after it, which may share one table. */
import { ArgumentError, normal, rotaryTable, type Scope, type Tensor, zeros } from "@atelier/engine";
import type { TransformerConfiguration } from "./configuration.js";
import { type Attend, transformer } from "./transformer.js";

/**
 * Token embeddings, plus those of the positions where they are learned; `pick` takes the positions at hand from their table
 * (context, C). tokens: (B, T) int32 → (B, T, C)
 */
export function embedTokens(
  scope: Scope,
  c: TransformerConfiguration,
  tokens: Tensor,
  pick: (table: Tensor) => Tensor,
): Tensor {
  return scope.at("embedding", (s) => {
    // A table that is also the head must start small, or the first logits are far too sure of the token just read.
    const table = s.param("tokens", [c.vocabulary, c.width], normal(c.zeroProjections && !c.tiedHead ? 1 : 0.02));
    const x = table.gather(tokens); // (B, T, C)
    return c.positions === "learned" ? x.add(pick(s.param("positions", [c.context, c.width], normal(0.02)))) : x;
  });
}

/**
 * The hidden states of whole sequences that begin at position 0. tokens: (B, T) int32, T ≤ context → (B, T, C)
 *
 * @throws {ArgumentError} for a sequence longer than the context
 */
export function hiddenStates(scope: Scope, c: TransformerConfiguration, tokens: Tensor, attend: Attend): Tensor {
  const length = tokens.shape[1]!;
  if (length > c.context) {
    throw new ArgumentError(`transformer: a sequence of ${length} tokens is longer than the context of ${c.context}`);
  }
  const x = embedTokens(scope, c, tokens, (table) => table.slice(0, 0, length)); // (B, T, C)
  const angles = c.positions === "rotary" ? rotaryTable(length, c.width / c.heads) : undefined;
  return transformer(scope, c, { x, angles, attend }); // (B, T, C)
}

/** The logits of every hidden state. (…, C) → (N, V) */
export function tokenLogits(scope: Scope, c: TransformerConfiguration, hidden: Tensor): Tensor {
  const rows = hidden.reshape([-1, c.width]); // (N, C)
  if (c.tiedHead) {
    const table = scope.at("embedding").param("tokens", [c.vocabulary, c.width], normal(0.02));
    return rows.matmul(table.transpose());
  }
  return rows.matmul(
    scope.at("head").param("weight", [c.width, c.vocabulary], c.zeroProjections ? zeros : normal(0.02)),
  );
}
