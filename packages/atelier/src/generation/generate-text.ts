/** Generated tokens as text, piece by piece, up to a stop string. */
import type { StreamDecoder, TextCodec } from "@atelier/data";
import type { RandomKey } from "@atelier/engine";
import type { GptGenerator } from "./generate.js";
import type { FinishReason, GeneratedToken, GenerationSettings, Prompts, RowRule } from "./request.js";
import { StopStrings } from "./stop-strings.js";

export interface TextSettings extends GenerationSettings {
  /** Strings that end a row, found in its text wherever tokens divide it. Neither they nor what follows is part of the row. */
  readonly stopStrings?: readonly string[] | undefined;
}

export interface GeneratedText {
  readonly row: number;
  /** Text that has become certain, often "": a character or a stop string may be unfinished. */
  readonly text: string;
  /** The token it came with; none at the end of a row. */
  readonly token?: GeneratedToken;
  /** Why the row ended, on its last piece. */
  readonly finish?: FinishReason;
}

/**
 * Continues prompts as `generator.generate` does, and decodes. Every token is one piece, and every row ends with one that has `finish`.
 *
 * @throws {ArgumentError} for impossible settings
 */
export async function* generateText(
  generator: Pick<GptGenerator, "events">,
  codec: Pick<TextCodec, "streamDecoder">,
  prompts: Prompts,
  settings: TextSettings,
  key: RandomKey,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedText> {
  const { stopStrings = [], rules, ...rest } = settings;
  const texts: RowText[] = [];
  const withText = (row: number): readonly RowRule[] => {
    const text = new RowText(codec.streamDecoder(), new StopStrings(stopStrings));
    texts[row] = text;
    return [...(rules?.(row) ?? []), text];
  };
  for await (const event of generator.events(prompts, { ...rest, rules: withText }, key, signal)) {
    const text = texts[event.row]!;
    if ("token" in event) yield { row: event.row, text: text.take(), token: event };
    else yield { row: event.row, text: text.end(), finish: text.finished ? "stop" : event.finish };
  }
}

class RowText implements RowRule {
  readonly #decoder: StreamDecoder;
  readonly #stops: StopStrings;
  #certain = "";

  constructor(decoder: StreamDecoder, stops: StopStrings) {
    this.#decoder = decoder;
    this.#stops = stops;
  }

  get finished(): boolean {
    return this.#stops.found;
  }

  accept(token: number): void {
    this.#certain += this.#stops.push(this.#decoder.push(token));
  }

  take(): string {
    const text = this.#certain;
    this.#certain = "";
    return text;
  }

  /** The rest of the row. */
  end(): string {
    this.#certain += this.#stops.push(this.#decoder.end());
    return this.take() + this.#stops.end();
  }
}
