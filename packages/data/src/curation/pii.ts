/**
 * Personal data with a form of its own: e-mail addresses, phone and payment-card numbers. Years, dates, ISBNs, decimals, versions and
 * identifiers look much like numbers of people, so what is taken for one has to have the form, the place and, for cards, the check digit.
 */
import { isCardNumber } from "./card-numbers.js";
import { findEmails } from "./emails.js";
import { phoneForms } from "./phone-numbers.js";

export const piiKinds = ["email", "phone", "card"] as const;
export type PiiKind = (typeof piiKinds)[number];

export interface PiiMatch {
  readonly kind: PiiKind;
  /** UTF-16 offsets; `end` is behind the last. */
  readonly start: number;
  readonly end: number;
}

/** Digits with what may stand between those of one number. At least eight characters: no phone or card number has fewer. */
const numberRuns = /[+(]{0,2}\d[\d ()./-]{6,}/g;
const cards =
  /(?<![\w+=#-]|\d[.,/ ])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\w]|[.,/-]\d| \d)/g;
/** How much around a run decides whether it is one. */
const context = 3;

/** All matches, in order, none overlapping another. */
export function findPii(text: string): PiiMatch[] {
  const matches: PiiMatch[] = [];
  findEmails(text, (start, end) => matches.push({ kind: "email", start, end }));
  for (const { 0: run, index } of text.matchAll(numberRuns)) {
    const from = Math.max(0, index - context);
    findInRun(text.slice(from, index + run.length + context), from, matches);
  }
  matches.sort((a, b) => a.start - b.start || b.end - a.end);
  return matches.filter(({ start }, i) => i === 0 || start >= matches[i - 1]!.end);
}

function findInRun(run: string, offset: number, matches: PiiMatch[]): void {
  const taken = new Uint8Array(run.length);
  const take = (kind: PiiKind, pattern: RegExp, accepts: (written: string) => boolean): void => {
    for (const { 0: written, index } of run.matchAll(pattern)) {
      const end = index + written.length;
      if (taken[index] !== 0 || taken[end - 1] !== 0 || !accepts(written)) continue;
      taken.fill(1, index, end);
      matches.push({ kind, start: offset + index, end: offset + end });
    }
  };
  take("card", cards, (written) => isCardNumber(written.replace(/\D/g, "")));
  for (const { pattern, accepts } of phoneForms) take("phone", pattern, accepts);
}

const masks: Readonly<Record<PiiKind, string>> = { email: "<EMAIL>", phone: "<PHONE>", card: "<CARD>" };

/** The text with every match replaced by `<EMAIL>`, `<PHONE>` or `<CARD>`. */
export function maskPii(text: string, matches: readonly PiiMatch[]): string {
  let masked = "";
  let from = 0;
  for (const { kind, start, end } of matches) {
    masked += text.slice(from, start) + masks[kind];
    from = end;
  }
  return masked + text.slice(from);
}
