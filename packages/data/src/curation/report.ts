/** What curation did: how much came in and went out, what was removed and why, what personal data and which languages were seen. */
import { type RemovalReason, removalReasons } from "./filters.js";
import type { PiiKind } from "./pii.js";
import type { Curation } from "./settings.js";

/** Pieces of a long document count as documents. Bytes are UTF-8. */
export interface Amount {
  readonly documents: number;
  readonly bytes: number;
}

export interface RemovedExample {
  readonly name: string;
  /** What was found: `12 characters`, `de`. */
  readonly found?: string;
  /** The document that is kept instead. */
  readonly kept?: string;
  /** To the one kept, from 0 to 1. */
  readonly similarity?: number;
}

export interface Removed extends Amount {
  /** The first few. */
  readonly examples: readonly RemovedExample[];
}

export interface CurationReport {
  readonly settings: Curation;
  readonly input: Amount;
  readonly output: Amount;
  /** Only reasons that occurred. */
  readonly removed: Readonly<Partial<Record<RemovalReason, Removed>>>;
  /** In the documents that passed the filters before it, copies among them; undefined where nobody looked. */
  readonly pii?: { readonly documents: number; readonly found: Readonly<Record<PiiKind, number>> };
  /** Documents by ISO 639-1 code or `unknown`, most frequent first; undefined where nobody looked. */
  readonly languages?: Readonly<Record<string, number>>;
}

const mostExamples = 5;

/** Gathers a report. */
export class ReportBuilder {
  readonly #settings: Curation;
  readonly #input = { documents: 0, bytes: 0 };
  readonly #output = { documents: 0, bytes: 0 };
  readonly #removed = new Map<RemovalReason, { documents: number; bytes: number; examples: RemovedExample[] }>();
  readonly #pii = { documents: 0, found: { email: 0, phone: 0, card: 0 } };
  readonly #languages = new Map<string, number>();

  constructor(settings: Curation) {
    this.#settings = settings;
  }

  read(bytes: number): void {
    this.#input.documents++;
    this.#input.bytes += bytes;
  }

  kept(bytes: number): void {
    this.#output.documents++;
    this.#output.bytes += bytes;
  }

  removed(reason: RemovalReason, bytes: number, example: RemovedExample): void {
    let entry = this.#removed.get(reason);
    if (entry === undefined) {
      entry = { documents: 0, bytes: 0, examples: [] };
      this.#removed.set(reason, entry);
    }
    entry.documents++;
    entry.bytes += bytes;
    if (entry.examples.length < mostExamples) entry.examples.push(example);
  }

  personalData(kinds: readonly PiiKind[]): void {
    if (kinds.length > 0) this.#pii.documents++;
    for (const kind of kinds) this.#pii.found[kind]++;
  }

  language(language: string): void {
    this.#languages.set(language, (this.#languages.get(language) ?? 0) + 1);
  }

  get input(): Amount {
    return { ...this.#input };
  }

  get output(): Amount {
    return { ...this.#output };
  }

  report(): CurationReport {
    const removed = removalReasons.flatMap((reason) => {
      const entry = this.#removed.get(reason);
      return entry === undefined ? [] : [[reason, { ...entry, examples: [...entry.examples] }] as const];
    });
    const languages = [...this.#languages].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    return {
      settings: this.#settings,
      input: this.input,
      output: this.output,
      removed: Object.fromEntries(removed),
      ...(this.#settings.pii === "off" ? {} : { pii: { ...this.#pii, found: { ...this.#pii.found } } }),
      ...(this.#settings.languages === undefined ? {} : { languages: Object.fromEntries(languages) }),
    };
  }
}
