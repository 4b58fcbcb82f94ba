/** Divides a dataset into what a model learns from and what it is judged by. */
import { ArgumentError } from "@atelier/engine/errors";
import type { RandomKey } from "@atelier/engine/random";
import type { TextDataset, TextDocument } from "./datasets/text-dataset.js";

/** From this many documents on, whole documents are held out. */
const documentsToDrawFrom = 20;

export interface SplitOptions {
  /** The part held out, from 0 up to but not including 1: 0.1 is a tenth. */
  readonly validation: number;
  /** Decides which documents are drawn. */
  readonly key: RandomKey;
}

export interface Split {
  readonly train: readonly TextDocument[];
  readonly validation: readonly TextDocument[];
}

/** The UTF-16 offset of the character (code point) number `count`. */
function offsetOfCharacter(text: string, count: number): number {
  let at = 0;
  for (let i = 0; i < count; i++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

function characters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return count;
}

/**
 * From 20 documents up, whole documents drawn at random (a tenth of their number, rounded, at least one), so that nothing of a
 * held-out document is learnt; both parts keep the dataset's order. Below that the tail of every document: of n characters the
 * first ⌊n × (1 − validation)⌋ train, as in nanoGPT's prepare.py. `validation: 0` holds out nothing.
 * @throws ArgumentError where `validation` is out of range or one of the two parts would be empty.
 */
export function splitDocuments(dataset: Pick<TextDataset, "documents">, { validation, key }: SplitOptions): Split {
  const { documents } = dataset;
  if (!(validation >= 0 && validation < 1)) {
    throw new ArgumentError(`The validation part must be at least 0 and less than 1, got ${validation}`, {
      hint: "0.1 holds out a tenth.",
    });
  }
  if (validation === 0) return { train: documents, validation: [] };
  let split: Split;
  if (documents.length >= documentsToDrawFrom) {
    const held = Math.min(documents.length - 1, Math.max(1, Math.round(documents.length * validation)));
    const drawn = new Set(key.permutation(documents.length).subarray(0, held));
    split = {
      train: documents.filter((_, i) => !drawn.has(i)),
      validation: documents.filter((_, i) => drawn.has(i)),
    };
  } else {
    const cuts = documents.map(({ text }) => offsetOfCharacter(text, Math.floor(characters(text) * (1 - validation))));
    const part = (cut: (text: string, at: number) => string): TextDocument[] =>
      documents.map(({ name, text }, i) => ({ name, text: cut(text, cuts[i]!) })).filter(({ text }) => text !== "");
    split = { train: part((text, at) => text.slice(0, at)), validation: part((text, at) => text.slice(at)) };
  }
  if (split.train.length === 0 || split.validation.length === 0) {
    const empty = split.train.length === 0 ? "training" : "validation";
    throw new ArgumentError(
      `With a validation part of ${validation} nothing is left for ${empty}: the text is too short`,
      {
        hint: "Give more text, or another validation part.",
      },
    );
  }
  return split;
}
