/** The registry of text codecs: each is one file, listed here once with its schema. */
import { FormatError } from "@atelier/engine/errors";
import { z } from "zod";
import { BpeCodec, bpeSchema } from "./bpe.js";
import { CharacterCodec, charactersSchema } from "./characters.js";
import { CodeCodec, codeSchema } from "./code.js";
import type { TextCodec } from "./tokens-codec.js";

const schema = z.discriminatedUnion("codec", [charactersSchema, bpeSchema, codeSchema]);

/**
 * A text codec from what its `toJSON` wrote (already parsed).
 * @throws FormatError naming the field that is missing, wrong or contradicts another.
 */
export function loadTextCodec(json: unknown): TextCodec {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new FormatError(`This is not a saved text codec: ${issue.path.join(".") || "the whole"}: ${issue.message}`, {
      hint: "Load the codec.json that was written beside the model, or train the codec again.",
    });
  }
  const saved = parsed.data;
  switch (saved.codec) {
    case "characters":
      return new CharacterCodec(saved.characters, saved.specials);
    case "bpe":
      return new BpeCodec(saved.tokens, saved.merges, saved.specials);
    case "code":
      return new CodeCodec(saved.tokens, saved.merges, saved.specials);
  }
}
