/** Text from a model, piece by piece or all at once. */
import { ArgumentError, RandomKey } from "@atelier/engine";
import { generateText } from "../generation/generate-text.js";
import { onlyText } from "../generation/only-text.js";
import type { FinishReason } from "../generation/request.js";
import { type Provenance, provenanceOf } from "../output/provenance.js";
import { constrain } from "./constrain.js";
import type { Model } from "./model.js";
import { type FullGenerateRequest, fullGenerateRequest, type GenerateRequest, samplingOf, seedOf } from "./request.js";

export interface TokenChance {
  readonly token: number;
  readonly text: string;
  /** Under the model's own distribution, in nats. */
  readonly logProbability: number;
}

/** A step of one row: a token with the text that became certain with it, or the end of the row. */
export interface Piece {
  readonly row: number;
  /** Often "": a character or a stop string may be unfinished. */
  readonly text: string;
  /** None in the last piece of a row. */
  readonly token?: number;
  readonly logProbability?: number;
  /** The most probable tokens in its place. */
  readonly alternatives?: readonly TokenChance[];
  /** Why the row ended: `stop` (the end of a document, or a stop string), `length`, or `rule` (nothing more can follow in the grammar). */
  readonly finish?: FinishReason;
}

export interface GeneratedRow {
  readonly prompt: string;
  /** What was written, without the prompt. */
  readonly text: string;
  readonly finish: FinishReason;
  /** How many tokens. */
  readonly tokens: number;
  /** Token by token, where log-probabilities were asked for. */
  readonly pieces?: readonly Piece[];
}

export interface Generated {
  /** Samples of the first prompt, then of the second, and so on. */
  readonly rows: readonly GeneratedRow[];
  readonly provenance: Provenance;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Continues a prompt (or several), and yields what is written as it is written. What the generator returns at the end is the whole.
 *
 * @throws {AbilityError} for a model that does not generate. @throws {ArgumentError} for impossible settings.
 * @throws {UnknownCharacterError} for a prompt that the codec cannot write. @throws {UnsatisfiableGrammarError} and other errors of grammars.
 * @example
 * ```ts
 * const model = await load("whale");
 * for await (const { text } of generate(model, { prompt: "Call me", topP: 0.95, seed: 7 })) process.stdout.write(text);
 * await model.release();
 * ```
 */
export async function* generate(
  model: Model,
  request: GenerateRequest = {},
  { signal }: RunOptions = {},
): AsyncGenerator<Piece, Generated> {
  const generator = model.tool("generator");
  const { codec } = model.text.model;
  const endOfDocument = codec.spec.specials["<|endoftext|>"];
  const full = fullGenerateRequest(request, model.startOfText);
  const seed = seedOf(request);
  const end = full.stopAtEnd ? endOfDocument : undefined;
  const prompts = full.prompts.map((prompt) => {
    if (prompt !== "") return codec.encode(prompt);
    if (endOfDocument !== undefined) return [endOfDocument];
    throw new ArgumentError("The prompt is empty", {
      hint: "This model's codec does not mark where a text begins: give it at least one character.",
    });
  });
  const rows = full.prompts.flatMap((prompt) =>
    Array.from({ length: full.samples }, () => ({
      prompt,
      text: "",
      finish: "length" as FinishReason,
      tokens: 0,
      pieces: [] as Piece[],
    })),
  );
  const settings = { ...samplingOf(full), ...settingsOf(full, model, end) };
  for await (const made of generateText(generator, codec, prompts, settings, RandomKey.fromSeed(seed), signal)) {
    const { token } = made;
    const piece: Piece = {
      row: made.row,
      text: made.text,
      ...(token === undefined ? {} : { token: token.token }),
      ...(token?.logProbability === undefined ? {} : { logProbability: token.logProbability }),
      ...(token?.alternatives === undefined
        ? {}
        : { alternatives: token.alternatives.map((chance) => ({ ...chance, text: codec.decode([chance.token]) })) }),
      ...(made.finish === undefined ? {} : { finish: made.finish }),
    };
    const row = rows[made.row]!;
    row.text += piece.text;
    if (token !== undefined) row.tokens++;
    if (full.logProbabilities !== undefined) row.pieces.push(piece);
    if (piece.finish !== undefined) row.finish = piece.finish;
    yield piece;
  }
  return {
    rows: full.logProbabilities === undefined ? rows.map(({ pieces: _, ...row }) => row) : rows,
    provenance: await provenanceOf(model, { request: full, seed, batch: rows.length }),
  };
}

function settingsOf(full: FullGenerateRequest, { text }: Model, end: number | undefined) {
  const { codec } = text.model;
  const { tokens, samples, stop, logProbabilities, grammar } = full;
  // Either keeps special tokens out of the text.
  const rule = grammar === undefined ? () => onlyText(codec, end) : constrain(grammar, codec, { end, tokens });
  return { tokens, samples, stop: end, stopStrings: stop, logProbabilities, rules: () => [rule()] };
}

/**
 * As `generate`, waiting for the whole.
 *
 * @throws as `generate` does
 * @example
 * ```ts
 * const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
 * const { rows } = await complete(model, { prompt: "A whale: ", grammar: { jsonSchema: schema }, tokens: 60 });
 * const whale: unknown = JSON.parse(rows[0]!.text);
 * ```
 */
export async function complete(
  model: Model,
  request: GenerateRequest = {},
  options: RunOptions = {},
): Promise<Generated> {
  const pieces = generate(model, request, options);
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) return value;
  }
}
