/** Keeps tokens from being drawn: the special ones, which are no text. */
import type { TokensCodec } from "@atelier/data";
import type { RowRule } from "./request.js";

/** Only text, and the token that ends it, if there is one. */
export function onlyText({ spec }: Pick<TokensCodec, "spec">, end: number | undefined): RowRule {
  const forbidden = Object.values(spec.specials).filter((token) => token !== end);
  return {
    step: (logits) => {
      for (const token of forbidden) logits[token] = Number.NEGATIVE_INFINITY;
    },
    accept: () => {},
    finished: false,
  };
}
