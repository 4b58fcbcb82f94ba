/**
 * The character codec: one token per code point of the training text, in code point order, as in nanoGPT's shakespeare_char
 * (data/shakespeare_char/prepare.py). The smallest vocabulary there is, and the slowest to read.
 */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { EmptyTextError, UnknownCharacterError } from "../errors.js";
import { TableCodec } from "./table-codec.js";
import { splitAtSpecials, TokenTable } from "./token-table.js";
import type { EncodeOptions, TextCodec, TokensSpec } from "./tokens-codec.js";

const utf8 = new TextEncoder();

export const charactersSchema = z.object({
  kind: z.literal("tokens"),
  codec: z.literal("characters"),
  characters: z.array(z.string()).min(1),
  specials: z.array(z.string().min(1)),
});

const name = (character: string): string =>
  `${JSON.stringify(character)} (U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")})`;

export class CharacterCodec extends TableCodec implements TextCodec {
  readonly kind = "tokens";
  readonly name = "characters";
  readonly spec: TokensSpec;
  private readonly characters: readonly string[];
  private readonly specials: readonly string[];
  protected readonly table: TokenTable;
  /** By code point: id + 1, or 0 for unknown. */
  private readonly idByCodePoint: Int32Array;

  /**
   * `characters[id]` is one code point; special tokens follow them.
   * @throws FormatError where an entry is not one whole character or appears twice.
   */
  constructor(characters: readonly string[], specials: readonly string[] = []) {
    super();
    const codePoints = characters.map((character) => character.codePointAt(0) ?? -1);
    this.idByCodePoint = new Int32Array(codePoints.reduce((most, point) => Math.max(most, point), 0) + 1);
    characters.forEach((character, id) => {
      const point = codePoints[id]!;
      if (point < 0 || (point >= 0xd800 && point < 0xe000) || String.fromCodePoint(point) !== character) {
        throw new FormatError(
          `Entry ${id} of the characters is ${JSON.stringify(character)}, not one Unicode character`,
          {
            hint: "Build the codec from well-formed text, or from the file that a codec's toJSON wrote.",
          },
        );
      }
      if (this.idByCodePoint[point] !== 0) throw new FormatError(`The character ${name(character)} appears twice`);
      this.idByCodePoint[point] = id + 1;
    });
    if (new Set(specials).size !== specials.length) throw new FormatError("A special token appears twice");
    this.characters = characters;
    this.specials = specials;
    const ids = Object.fromEntries(specials.map((special, i) => [special, characters.length + i]));
    this.spec = { vocabulary: characters.length + specials.length, specials: ids, kind: "stream" };
    this.table = new TokenTable(
      [...characters, ...specials].map((token) => utf8.encode(token)),
      ids,
    );
  }

  /**
   * The codec whose vocabulary is the distinct characters of the texts.
   * @throws EmptyTextError where there are none.
   */
  static fromTexts(texts: Iterable<string>, options: { readonly specials?: readonly string[] } = {}): CharacterCodec {
    const seen = new Set<string>();
    for (const text of texts) for (const character of text) seen.add(character);
    if (seen.size === 0) {
      throw new EmptyTextError("There is no text to build a character vocabulary from", {
        hint: "Give at least one document with text in it.",
      });
    }
    return new CharacterCodec(
      [...seen].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
      options.specials,
    );
  }

  /**
   * One id per code point.
   * @throws UnknownCharacterError naming the character, its code point and its offset (in characters) in the text.
   */
  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const out = new Int32Array(text.length);
    let length = 0;
    let offset = 0; // in code points
    const parts = options.specials === true ? splitAtSpecials(text, this.spec.specials) : [text];
    for (const part of parts) {
      if (typeof part === "number") {
        out[length++] = part;
        offset += [...this.specials[part - this.characters.length]!].length;
        continue;
      }
      for (let i = 0; i < part.length; i++) {
        const point = part.codePointAt(i)!;
        const id = (this.idByCodePoint[point] ?? 0) - 1;
        if (id < 0) {
          throw new UnknownCharacterError(
            `The character ${name(String.fromCodePoint(point))} at offset ${offset} is not in the vocabulary`,
            {
              hint: `Leave it out, or train on text that has it: this vocabulary has ${this.characters.length} characters.`,
            },
          );
        }
        out[length++] = id;
        offset++;
        if (point > 0xffff) i++;
      }
    }
    return out.slice(0, length);
  }

  toJSON(): z.infer<typeof charactersSchema> {
    return {
      kind: "tokens",
      codec: "characters",
      characters: [...this.characters],
      specials: [...this.specials],
    };
  }
}
