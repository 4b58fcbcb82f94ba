/** The single choices of a proposal: how text becomes tokens, how far the model looks back, how large it is. */
import { formatCount } from "../cli/format.js";
import type { Inspection } from "./inspect.js";
import { numberAt, type Settings, settingAt } from "./settings.js";

/** Below so many characters, an n-gram over parts of words sees each of them too seldom, and so does a model. */
export const ENOUGH_FOR_PARTS = 2_000_000;
/** More different characters than this are a script in which a character is a word or a syllable. */
const LARGEST_ALPHABET = 500;
/** Below so many characters, documents have nothing in them that could be a copy. */
const LEAST_DOCUMENT = 200;
/** Below so many documents, the held-out text is the end of each, and copies are rare. */
export const MANY_DOCUMENTS = 20;

export interface CodecChoice {
  readonly codec: Settings & { readonly kind: string };
  /** Size of the vocabulary that it will have, about. */
  readonly vocabulary: number;
  readonly charactersPerToken: number;
  readonly why: string;
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** The power of two that is nearest below, within bounds. */
export const powerBelow = (value: number, least: number, most: number): number =>
  2 ** Math.floor(Math.log2(Math.min(most, Math.max(least, value))));

/**
 * Characters that a token of byte-level BPE holds: a line through what `BpeCodec.train` gives on tinyshakespeare, 1.94, 2.43, 2.87, 3.24 and 3.52
 * for vocabularies of 512, 1,024, … 8,192 (on TypeScript, 1.91 to 4.09). Of text with several bytes a character it holds so much less.
 */
export const charactersPerToken = (vocabulary: number, bytesPerCharacter: number): number =>
  Math.max(0.5, (0.4 * Math.log2(vocabulary) - 1.6) / bytesPerCharacter);

/** @param given what was asked for; it decides where it says something. */
export function chooseCodec({ card, sample }: Inspection, given: Settings): CodecChoice {
  const asked = settingAt(given, "codec.kind");
  const askedSize = numberAt(given, "codec.vocabulary");
  const { characters } = card;
  const wide = sample.alphabet > LARGEST_ALPHABET;
  const ruled = sample.code > 0.5 ? "code" : characters < ENOUGH_FOR_PARTS && !wide ? "characters" : "bpe";
  // A size of the vocabulary makes sense only where it can be chosen.
  const kind = typeof asked === "string" ? asked : askedSize !== undefined && ruled === "characters" ? "bpe" : ruled;
  if (kind === "characters") {
    const why = `${formatCount(characters)} characters are too few to learn parts of words from`;
    return { codec: { kind }, vocabulary: sample.alphabet, charactersPerToken: 1, why };
  }
  const bytes = characters === 0 ? 1 : card.bytes / characters;
  const vocabulary = askedSize ?? (kind === "pretrained" ? 50_257 : powerBelow(characters / 1000, 512, 8192));
  const held = charactersPerToken(vocabulary, bytes);
  const figures = `about ${held.toFixed(1)} characters each`;
  const why = {
    code: `${percent(sample.code)} of the text is source code; parts of it as tokens, ${figures}`,
    bpe: wide
      ? `${formatCount(sample.alphabet)} different characters: parts of words, ${figures}`
      : `${formatCount(characters)} characters are enough to learn parts of words from, ${figures}`,
  }[kind];
  return {
    // Sizes that these bring themselves.
    codec: kind === "pretrained" || kind === "vq" ? { kind } : { kind, vocabulary },
    vocabulary,
    charactersPerToken: held,
    why: why ?? "",
  };
}

export interface ContextChoice {
  readonly context: number;
  readonly why: string;
}

const SHORTEST_CONTEXT = 64;
const LONGEST_CONTEXT = 256;
/** Mean characters in a line of a list: names, words, numbers. Verse has 30 and more. */
const LIST_LINE = 20;

/** As far as what hangs together reaches: a document, or some lines of a list. Never more than a quarter of the text. */
export function chooseContext({ card, sample }: Inspection, perToken: number): ContextChoice {
  const list = card.documents < MANY_DOCUMENTS && sample.line > 0 && sample.line < LIST_LINE;
  const mean = Math.round(list ? sample.line : card.characters / Math.max(1, card.documents));
  // The next power of two, so that a whole one usually fits.
  const wanted = 2 * powerBelow(mean / perToken, SHORTEST_CONTEXT / 2, LONGEST_CONTEXT / 2);
  const most = powerBelow(card.characters / perToken / 4, 8, LONGEST_CONTEXT);
  const what = list ? "a line" : card.documents === 1 ? "the document" : "a document";
  const figure = `${what} has ${list || card.documents > 1 ? "about " : ""}${formatCount(mean)} characters`;
  if (most < wanted) return { context: most, why: "the text is too short for more" };
  const covers = `this many tokens are about ${formatCount(Math.round(wanted * perToken))}`;
  return { context: wanted, why: perToken > 1 ? `${figure}, ${covers}` : figure };
}

/** From small to large. Heads are 32 channels wide. */
export const SIZES: readonly { readonly layers: number; readonly width: number }[] = [
  { layers: 2, width: 64 },
  { layers: 3, width: 96 },
  { layers: 4, width: 128 },
  { layers: 4, width: 192 },
  { layers: 6, width: 256 },
  { layers: 6, width: 384 },
  { layers: 8, width: 512 },
  { layers: 12, width: 768 },
];

/** Heads about 32 wide that divide the width, each of an even width, as rotary positions need. */
export function headsOf(width: number): number {
  for (let heads = Math.max(1, Math.round(width / 32)); heads > 1; heads--) {
    if (width % (2 * heads) === 0) return heads;
  }
  return 1;
}

/** Whether documents are many and long enough for copies among them to matter. */
export const worthCurating = ({ card }: Inspection): boolean =>
  card.documents >= MANY_DOCUMENTS && card.characters / card.documents >= LEAST_DOCUMENT;

/** What is worth knowing before saying yes. */
export function remarks({ card, sample }: Inspection): string[] {
  const notes: string[] = [];
  const skipped = card.skipped ?? [];
  if (skipped.length > 0) {
    const [first] = skipped;
    const rest = skipped.length === 1 ? "" : `, and ${formatCount(skipped.length - 1)} more`;
    notes.push(`Left out: ${first!.file} (${first!.reason})${rest}.`);
  }
  if (card.characters < 200_000) {
    notes.push(
      `${formatCount(card.characters)} characters are little: the n-gram is hard to beat there, and the report will say whether the model does.`,
    );
  }
  if (sample.copies > 0.05 * sample.documents && worthCurating({ card, sample })) {
    notes.push(
      `${formatCount(sample.copies)} of ${formatCount(sample.documents)} documents repeat another to the letter: curation takes them out.`,
    );
  }
  if (card.documents > 1 && sample.longest > 0.5 * card.characters)
    notes.push(`One document is ${percent(sample.longest / card.characters)} of the text.`);
  if (card.documents < MANY_DOCUMENTS && card.documents > 0)
    notes.push(
      card.documents === 1
        ? "It is one document, so its end is held out."
        : `There are only ${card.documents} documents, so the end of each is held out.`,
    );
  if (sample.characters < 0.9 * card.characters)
    notes.push(`Judged by the first ${formatCount(sample.characters)} of ${formatCount(card.characters)} characters.`);
  return notes;
}
