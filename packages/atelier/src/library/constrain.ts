/** A grammar over the tokens of a model: one rule for each row, which allows nothing but valid text and completes it within the limit. */
import type { TextCodec } from "@atelier/data";
import {
  ebnfGrammar,
  type Grammar,
  GrammarConstraint,
  grammarStep,
  jsonSchemaGrammar,
  regexGrammar,
  TokenTrie,
} from "@atelier/models";
import type { RowRule } from "../generation/request.js";
import type { GrammarRequest } from "./request.js";

const grammarOf = (request: GrammarRequest): Grammar => {
  if ("jsonSchema" in request) return jsonSchemaGrammar(request.jsonSchema);
  return "regex" in request ? regexGrammar(request.regex) : ebnfGrammar(request.ebnf);
};

/**
 * @param end the token that ends a text, if the model is to draw it
 * @param tokens the most tokens a row has
 * @returns what makes the rule of a row
 * @throws {GrammarSyntaxError} @throws {SchemaError} @throws {UnsatisfiableGrammarError} where nothing is valid, or these tokens cannot write
 *   it, or so few of them
 */
export function constrain(
  request: GrammarRequest,
  codec: TextCodec,
  { end, tokens }: { readonly end: number | undefined; readonly tokens: number },
): () => RowRule {
  const special = new Set(Object.values(codec.spec.specials));
  const bytes = Array.from({ length: codec.spec.vocabulary }, (_, id) =>
    special.has(id) ? undefined : codec.decodeBytes([id]),
  );
  const constraint = new GrammarConstraint(grammarOf(request), new TokenTrie(bytes, { endToken: end }));
  // The first matcher is made at once, so that a limit that is too low is refused before anything is computed.
  const first = constraint.matcher({ maxTokens: tokens });
  return () => {
    const matcher = first.clone();
    return {
      step: grammarStep(matcher),
      accept: (token) => matcher.accept(token),
      get finished() {
        return matcher.finished;
      },
    };
  };
}
