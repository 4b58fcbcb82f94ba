/**
 * Documents in, fewer and cleaner documents out, in one pass: nothing is held but signatures, hashes and names. Filters that look at a
 * document alone come first, then personal data, then copies, so that what a copy is removed in favour of is itself kept.
 */
import type { TextDocument } from "../datasets/text-dataset.js";
import { ExactDuplicateIndex } from "./exact-duplicates.js";
import { objectionTo, type RemovalReason } from "./filters.js";
import { type LanguageDetector, loadLanguageDetector, unknownLanguage } from "./language.js";
import { signatureLength, writeSignature } from "./minhash.js";
import { NameList } from "./name-list.js";
import { NearDuplicateIndex } from "./near-duplicates.js";
import { findPii, maskPii } from "./pii.js";
import { type CurationReport, type RemovedExample, ReportBuilder } from "./report.js";
import type { Curation } from "./settings.js";
import { TextScan } from "./text-scan.js";

/** After each document. */
export interface CurationProgress {
  /** Read so far; pieces of a long document count as documents. */
  readonly documents: number;
  /** UTF-8 bytes read so far. */
  readonly bytes: number;
  readonly kept: number;
}

export interface CurateOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CurationProgress) => void) | undefined;
}

interface Removal extends Omit<RemovedExample, "name"> {
  readonly reason: RemovalReason;
}

/**
 * Curates one stream of documents, or several as if they were one: copies are looked for among all that it has seen.
 *
 * @example
 * const curator = new Curator(curationSchema.parse({ minWords: 50, pii: "mask" }));
 * for await (const { name, text } of curator.curate(dataset.documents())) write(name, text);
 * console.log(curator.report().output.documents);
 */
export class Curator {
  readonly #settings: Curation;
  readonly #report: ReportBuilder;
  readonly #scan = new TextScan();
  readonly #signature = new Uint8Array(signatureLength);
  readonly #exact: ExactDuplicateIndex | undefined;
  readonly #near: NearDuplicateIndex | undefined;
  /** Names of the documents kept; both indices know them by their number. */
  readonly #names = new NameList();

  /** @param settings as `curationSchema` gives them. */
  constructor(settings: Curation) {
    this.#settings = settings;
    this.#report = new ReportBuilder(settings);
    this.#exact = settings.exact ? new ExactDuplicateIndex() : undefined;
    this.#near = settings.near === false ? undefined : new NearDuplicateIndex(settings.near);
  }

  /**
   * The documents that stay, in order, their personal data masked where that was asked for. Pieces of a long document are judged each by
   * itself, but not by their length; those that stay go on with one another.
   *
   * @throws ArgumentError for a language that cannot be told; the signal's reason where it is aborted.
   */
  async *curate(
    documents: AsyncIterable<TextDocument> | Iterable<TextDocument>,
    { signal, onProgress }: CurateOptions = {},
  ): AsyncGenerator<TextDocument, void, undefined> {
    const { languages } = this.#settings;
    const detect = languages === undefined ? undefined : await loadLanguageDetector(languages);
    /** The last piece that stays of the document at hand: whether another goes on with it is not known yet. */
    let held: TextDocument | undefined;
    let inside = false;
    for await (const document of documents) {
      signal?.throwIfAborted();
      const continues = document.continues === true;
      const text = this.#judge(document, inside || continues, detect);
      onProgress?.({ ...this.#report.input, kept: this.#report.output.documents });
      if (text !== undefined) {
        if (held !== undefined) yield { ...held, continues: true };
        held = { name: document.name, text };
      }
      inside = continues;
      if (!inside && held !== undefined) {
        yield held;
        held = undefined;
      }
    }
    if (held !== undefined) yield held;
  }

  /** What has been done so far. */
  report(): CurationReport {
    return this.#report.report();
  }

  /** The text to keep, or undefined. */
  #judge({ name, text }: TextDocument, piece: boolean, detect: LanguageDetector | undefined): string | undefined {
    const bytes = Buffer.byteLength(text);
    const remove = ({ reason, ...example }: Removal): undefined => {
      this.#report.removed(reason, bytes, { name, ...example });
    };
    this.#report.read(bytes);
    this.#scan.scan(text);
    const objection = objectionTo(text, this.#scan, this.#settings, piece) ?? this.#foreign(text, detect);
    if (objection !== undefined) return remove(objection);
    let cleaned = text;
    if (this.#settings.pii !== "off") {
      const matches = findPii(text);
      const kinds = matches.map(({ kind }) => kind);
      this.#report.personalData(kinds);
      if (matches.length > 0 && this.#settings.pii === "drop") {
        return remove({ reason: "personal-data", found: [...new Set(kinds)].join(", ") });
      }
      if (matches.length > 0 && this.#settings.pii === "mask") {
        cleaned = maskPii(text, matches);
        this.#scan.scan(cleaned);
      }
    }
    const copy = this.#copyOf();
    if (copy !== undefined) return remove(copy);
    this.#report.kept(cleaned === text ? bytes : Buffer.byteLength(cleaned));
    this.#names.add(name);
    return cleaned;
  }

  #foreign(text: string, detect: LanguageDetector | undefined): Removal | undefined {
    if (detect === undefined) return undefined;
    const language = detect(text);
    this.#report.language(language);
    if (language === unknownLanguage || this.#settings.languages?.includes(language)) return undefined;
    return { reason: "language", found: language };
  }

  /** The earlier document that the scanned one is a copy of; where there is none, it is noted for those to come. */
  #copyOf(): Removal | undefined {
    const { hashHigh, hashLow, wordHashes, words } = this.#scan;
    const twin = this.#exact?.find(hashHigh, hashLow);
    if (twin !== undefined) return { reason: "exact-duplicate", kept: this.#names.get(twin), similarity: 1 };
    let id = this.#names.size;
    if (this.#near !== undefined) {
      const hasWords = writeSignature(wordHashes, words, this.#settings.shingle, this.#signature);
      const neighbour = hasWords ? this.#near.find(this.#signature) : undefined;
      if (neighbour !== undefined) {
        // A copy of the copy is then found at once.
        this.#exact?.add(hashHigh, hashLow, neighbour.id);
        return { reason: "near-duplicate", kept: this.#names.get(neighbour.id), similarity: neighbour.similarity };
      }
      id = this.#near.add(this.#signature);
    }
    this.#exact?.add(hashHigh, hashLow, id);
    return undefined;
  }
}
