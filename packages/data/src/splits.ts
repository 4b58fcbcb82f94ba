/** Divides a dataset into what a model learns from and what it is judged by. */
import { ArgumentError } from "@atelier/engine/errors";
import type { RandomKey } from "@atelier/engine/random";
import { countCharacters, offsetOfCharacter } from "./datasets/characters.js";
import { inMemory, type TextDataset, type TextDocuments } from "./datasets/text-dataset.js";

/** From this many documents on, whole documents are held out. */
const documentsToDrawFrom = 20;
/** From this many on, each is drawn for itself: a permutation of all would take memory in proportion. */
const documentsToDrawEachFrom = 1 << 20;

export interface SplitOptions {
  /** The part held out, from 0 up to but not including 1: 0.1 is a tenth. */
  readonly validation: number;
  /** Decides which documents are drawn. */
  readonly key: RandomKey;
  readonly signal?: AbortSignal | undefined;
}

export interface Split {
  readonly train: TextDocuments;
  readonly validation: TextDocuments;
}

/** Whether document number `i` is held out. */
type Draw = (i: number) => boolean;

function drawWhole(documents: number, validation: number, key: RandomKey): Draw {
  if (documents < documentsToDrawEachFrom) {
    const held = Math.min(documents - 1, Math.max(1, Math.round(documents * validation)));
    const drawn = new Uint8Array(documents);
    for (const i of key.permutation(documents).subarray(0, held)) drawn[i] = 1;
    return (i) => drawn[i] === 1;
  }
  const block = 4096;
  let at = -1;
  const words = new Uint32Array(block);
  return (i) => {
    if (Math.floor(i / block) !== at) {
      at = Math.floor(i / block);
      key.at(at).bits(words);
    }
    return words[i % block]! < validation * 2 ** 32;
  };
}

/** The documents that are held out, or those that are not. */
const whole = (dataset: TextDocuments, draw: Draw, held: boolean): TextDocuments => ({
  async *documents(signal) {
    let i = 0;
    for await (const document of dataset.documents(signal)) {
      if (draw(i) === held) yield document;
      if (document.continues !== true) i++;
    }
  },
});

/** What comes before the cut of each document, or what comes after: `cuts[i]` characters train. */
const tails = (dataset: TextDocuments, cuts: readonly number[], held: boolean): TextDocuments => ({
  async *documents(signal) {
    let i = 0;
    let before = 0;
    for await (const document of dataset.documents(signal)) {
      const { name, text, continues } = document;
      const length = countCharacters(text);
      const left = Math.min(Math.max((cuts[i] ?? 0) - before, 0), length);
      before += length;
      const cut = left === length ? text.length : offsetOfCharacter(text, left);
      const part = held ? text.slice(cut) : text.slice(0, cut);
      const goesOn = continues === true && (held || before < (cuts[i] ?? 0));
      if (part !== "") yield { name, text: part, ...(goesOn ? { continues: true } : {}) };
      if (continues === true) continue;
      i++;
      before = 0;
    }
  },
});

/**
 * From 20 documents up, whole documents drawn at random (a tenth of their number, rounded, at least one; of a million and more each is
 * drawn for itself), so that nothing of a held-out document is learnt; both parts keep the dataset's order. Below that the tail of
 * every document, for which they are gone through once to count: of n characters the first ⌊n × (1 − validation)⌋ train, as in
 * nanoGPT's prepare.py. `validation: 0` holds out nothing.
 * @throws ArgumentError where `validation` is out of range or one of the two parts would be empty; the signal's reason.
 */
export async function splitDocuments(
  dataset: TextDocuments & { readonly card: Pick<TextDataset["card"], "documents"> },
  { validation, key, signal }: SplitOptions,
): Promise<Split> {
  if (!(validation >= 0 && validation < 1)) {
    throw new ArgumentError(`The validation part must be at least 0 and less than 1, got ${validation}`, {
      hint: "0.1 holds out a tenth.",
    });
  }
  if (validation === 0) return { train: dataset, validation: inMemory([]) };
  if (dataset.card.documents >= documentsToDrawFrom) {
    const draw = drawWhole(dataset.card.documents, validation, key);
    return { train: whole(dataset, draw, false), validation: whole(dataset, draw, true) };
  }
  const lengths: number[] = [];
  let length = 0;
  for await (const { text, continues } of dataset.documents(signal)) {
    signal?.throwIfAborted();
    length += countCharacters(text);
    if (continues === true) continue;
    lengths.push(length);
    length = 0;
  }
  const cuts = lengths.map((characters) => Math.floor(characters * (1 - validation)));
  const empty = cuts.every((cut) => cut === 0)
    ? "training"
    : cuts.every((cut, i) => cut === lengths[i])
      ? "validation"
      : undefined;
  if (empty !== undefined) {
    throw new ArgumentError(
      `With a validation part of ${validation} nothing is left for ${empty}: the text is too short`,
      { hint: "Give more text, or another validation part." },
    );
  }
  return { train: tails(dataset, cuts, false), validation: tails(dataset, cuts, true) };
}
