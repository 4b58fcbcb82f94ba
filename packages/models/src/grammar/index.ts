/** Token masks from a grammar (regular expression, EBNF, JSON Schema): whatever is sampled is valid. */
export { GrammarConstraint, type MatcherOptions } from "./constraint.js";
export { type EbnfOptions, ebnfGrammar } from "./ebnf.js";
export { GrammarSyntaxError, SchemaError, UnsatisfiableGrammarError } from "./errors.js";
export type { Grammar } from "./grammar.js";
export { type JsonSchemaOptions, jsonSchemaGrammar } from "./json-schema/json-schema.js";
export type { GrammarMatcher } from "./matcher.js";
export { regexGrammar } from "./regex.js";
export { grammarStep } from "./step.js";
export { TokenTrie, type TokenTrieOptions } from "./token-trie.js";
