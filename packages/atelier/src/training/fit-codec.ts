/** The codec of a corpus: fitted on its text, or read from a file. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  BpeCodec,
  CharacterCodec,
  CodeCodec,
  type DatasetProgress,
  FileMissingError,
  parseTokenizerJson,
  type TextCodec,
  type TextDocument,
} from "@atelier/data";
import { AtelierError, FormatError } from "@atelier/engine/errors";
import { RecipeError } from "../recipe/resolve.js";
import type { TextRecipe } from "../recipe/schema.js";
import { systemCode } from "../storage/index.js";

/** Merges are learnt from at most so many characters: more hardly changes them. */
const sampledCharacters = 64_000_000;
/** The sample is made of blocks of so many UTF-16 units, evenly from all of the text. */
const blockLength = 1 << 16;

export interface FittedText {
  /** The training part. */
  readonly train: () => AsyncIterable<TextDocument>;
  readonly trainCharacters: number;
  /** All of it, the held-out part too. */
  readonly all: () => AsyncIterable<TextDocument>;
}

export interface FitOptions {
  /** Special tokens that the codec has to have. */
  readonly specials: readonly string[];
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

/** @throws {RecipeError} for a codec that is not for texts. @throws typed errors of the codecs; for a `tokenizer.json` FormatError, also where a special token is missing. */
export async function fitCodec(
  settings: TextRecipe["codec"],
  text: FittedText,
  { specials, onProgress }: FitOptions,
): Promise<TextCodec> {
  switch (settings.kind) {
    case "characters":
      // A character that occurs only in the held-out part must have a number too.
      return CharacterCodec.fromTexts([await alphabet(text.all())], { specials });
    case "pretrained":
      return readTokenizer(settings.path, specials);
    case "vq":
      throw new RecipeError('The codec "vq" makes tokens of pictures, and these are texts', {
        hint: "Choose another codec.kind: characters, bpe, code or pretrained.",
      });
    default: {
      const options = {
        vocabulary: settings.vocabulary,
        onProgress: ({ merges, wanted }: { readonly merges: number; readonly wanted: number }) =>
          onProgress?.({ stage: "fit", unit: "merges", done: merges, total: wanted }),
      };
      const texts = await sample(text.train(), text.trainCharacters);
      if (settings.kind === "code") return CodeCodec.train(texts, { ...options, specials });
      return BpeCodec.train(texts, { ...options, specials: ["<|endoftext|>", ...specials] });
    }
  }
}

/** Every character that occurs, once. */
async function alphabet(documents: AsyncIterable<TextDocument>): Promise<string> {
  const seen = new Uint8Array(0x11_0000);
  for await (const { text } of documents) {
    for (let i = 0; i < text.length; i++) {
      const point = text.codePointAt(i)!;
      seen[point] = 1;
      if (point > 0xffff) i++;
    }
  }
  let characters = "";
  seen.forEach((one, point) => {
    if (one === 1) characters += String.fromCodePoint(point);
  });
  return characters;
}

/** All texts, or blocks of them, as evenly as they can be. */
export async function sample(
  documents: AsyncIterable<TextDocument>,
  characters: number,
  wanted = sampledCharacters,
  block = blockLength,
): Promise<string[]> {
  const texts: string[] = [];
  const share = wanted / Math.max(1, characters);
  let seen = 0;
  let taken = 0;
  for await (const { text } of documents) {
    if (share >= 1) {
      texts.push(text);
      continue;
    }
    for (let from = 0, to = 0; from < text.length; from = to) {
      to = Math.min(text.length, from + block);
      if (to < text.length && (text.charCodeAt(to) & 0xfc00) === 0xdc00) to++;
      if (taken <= seen * share) {
        // A copy: a slice would keep all of the text in memory.
        texts.push(Buffer.from(text.slice(from, to)).toString());
        taken += to - from;
      }
      seen += to - from;
    }
  }
  return texts;
}

async function readTokenizer(path: string, specials: readonly string[]): Promise<TextCodec> {
  let file = path;
  let json: unknown;
  try {
    if ((await stat(path)).isDirectory()) file = join(path, "tokenizer.json");
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    const hint = "codec.path is a Hugging Face tokenizer.json, or a folder that has one.";
    if (systemCode(cause) === "ENOENT") throw new FileMissingError(`There is no tokenizer ${file}`, { hint, cause });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`The tokenizer ${file} cannot be read: ${why}`, { hint, cause });
  }
  let codec: TextCodec;
  try {
    codec = parseTokenizerJson(json);
  } catch (error) {
    if (!AtelierError.isInstance(error)) throw error;
    throw new FormatError(`${file}: ${error.message}`, { hint: error.hint, cause: error });
  }
  const lacking = specials.filter((special) => codec.spec.specials[special] === undefined);
  if (lacking.length > 0) {
    throw new FormatError(`The tokenizer ${file} has no special token ${lacking.join(", ")}, which this model needs`, {
      hint: "Use a tokenizer that has it, or train one: codec.kind=bpe.",
    });
  }
  return codec;
}
