/**
 * How much of what a model writes is copied from its training text: the longest verbatim run of each sample, and whether it reaches 50
 * characters (fifty, as in Carlini et al., "Quantifying memorization across neural language models", 2022, who count tokens). People
 * repeat each other too, in names, phrases and quotations: the floor is the same figures of held-out passages of the same lengths.
 */
import { ArgumentError, type RandomKey } from "@atelier/engine";
import { VerbatimIndex, type VerbatimRun } from "./verbatim.js";

/** From this many characters on a verbatim run counts as copying. */
export const COPY_LENGTH = 50;

/** The most training text that is compared with, where no other limit is given: some minutes' reading. */
const MOST_CHARACTERS = 1_000_000_000;

export interface MemorisationRequest {
  readonly samples: readonly string[];
  /** Passages that the model was not trained on, as long as the samples: see `heldOutPassages`. */
  readonly heldOut: readonly string[];
  /** The training text, document by document: a run does not go on from one into the next. */
  readonly training: Iterable<string> | AsyncIterable<string>;
  /** Compare with no more than about so many characters of it, in whole documents from the first. */
  readonly mostCharacters?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Memorisation {
  /** The longest verbatim run of each sample, and of each held-out passage. */
  readonly samples: readonly VerbatimRun[];
  readonly heldOut: readonly VerbatimRun[];
  /** How much of the training text was compared with, and whether that is all of it. */
  readonly characters: number;
  readonly complete: boolean;
}

/** Compares samples and held-out passages with the training text, in one reading of it. */
export async function memorisation({
  samples,
  heldOut,
  training,
  mostCharacters = MOST_CHARACTERS,
  signal,
}: MemorisationRequest): Promise<Memorisation> {
  const index = new VerbatimIndex([...samples, ...heldOut]);
  let complete = true;
  for await (const document of training) {
    signal?.throwIfAborted();
    if (index.read >= mostCharacters) {
      complete = false;
      break;
    }
    index.follow(document);
    index.endDocument();
  }
  const runs = index.runs();
  return {
    samples: runs.slice(0, samples.length),
    heldOut: runs.slice(samples.length),
    characters: index.read,
    complete,
  };
}

/**
 * Passages of a held-out text, one as long as each sample, from places drawn at random; the whole text where that is shorter.
 * @throws {ArgumentError} for an empty text.
 */
export function heldOutPassages(text: string, samples: readonly string[], key: RandomKey): string[] {
  if (text.length === 0) {
    throw new ArgumentError("No passages can be cut from an empty text", { hint: "Hold out some text." });
  }
  return samples.map(({ length }, i) => {
    const start = key.at(i).integer(Math.max(0, text.length - length) + 1);
    return text.slice(start, start + length);
  });
}
