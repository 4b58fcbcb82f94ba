/**
 * Phone numbers as people write them. Far more numbers in texts are something else, so only forms that are little else are taken: with
 * a country code, the North American 3-3-4, and national numbers that begin with 0 and are written in groups. Ten bare digits, and
 * seven-digit local numbers, are not.
 */

export interface PhoneForm {
  readonly pattern: RegExp;
  readonly accepts: (written: string) => boolean;
}

/** Where a number may begin and end: not inside a longer one, a word, a date, a path or a sum. */
const before = String.raw`(?<![\p{L}\p{N}_+=#$€£^*]|\d[.,:]|[\p{L}\p{N}_][-/.]|[-/.])`;
/** Nor behind another group of digits. */
const first = String.raw`(?<!\d )${before}`;
const beforeBracket = String.raw`(?<![\p{L}\p{N}_+=#$€£^*]|[-/.])`;
const after = String.raw`(?![\p{L}\p{N}_%]|[./,:]\d|-[\p{L}\p{N}])`;

const digitsOf = (written: string): string => written.replace(/\D/g, "");

/** Three groups of four digits with a zero before them: code points, and other numbers of a fixed width. */
const isTable = (written: string): boolean => /^\d{4}(?:\D\d{4}){2}$/.test(written);

/** E.164: at most 15 digits; codes are 1 and 7, or have two or three digits. */
function isInternational(written: string): boolean {
  // The 0 in +49 (0)30 is left out when dialling from abroad.
  const digits = digitsOf(written.replace("(0)", "")).replace(/^00/, "");
  if (digits.length < 8 || digits.length > 15 || digits.startsWith("0")) return false;
  if (written.startsWith("0") && isTable(written)) return false;
  if (digits.startsWith("1") && !/^1[2-9]\d\d[2-9]\d{6}$/.test(digits)) return false;
  if (digits.startsWith("7") && digits.length !== 11) return false;
  const decimal = /^\+\d+\.\d+$/.test(written);
  const noCode = /^\+[^17][ .-]/.test(written);
  return !decimal && !noCode;
}

/** Groups after a trunk 0: 9 to 12 digits, not just pairs, and no date, American social security number (3-2-4) or post code (5-4). */
function isNational(written: string): boolean {
  const digits = digitsOf(written);
  if (digits.length < 9 || digits.length > 12) return false;
  if (!/\d{3}/.test(written.slice(2)) || /^(?:\d{3}-\d\d|\d{5})-\d{4}$/.test(written)) return false;
  if (isTable(written)) return false;
  return !/^(?:[0-2]\d|3[01])[-/. ](?:0\d|1[0-2])[-/. ](?:1\d|20)\d\d/.test(written);
}

/** Five pairs, the French form, unless they count up, as in a list. */
function isPairs(written: string): boolean {
  const pairs = written.split(/\D/).map(Number);
  return pairs.some((pair, i) => i > 0 && pair !== pairs[i - 1]! + 1);
}

export const phoneForms: readonly PhoneForm[] = [
  {
    pattern: new RegExp(String.raw`(?<![\p{L}\p{N}_+])\+\d(?:[ ./-]?(?:\(\d{1,5}\)|\d{1,12})){1,7}${after}`, "gu"),
    accepts: isInternational,
  },
  {
    pattern: new RegExp(String.raw`${first}00[1-9]\d{0,2}(?:[ /-]\d{1,10}){2,6}${after}`, "gu"),
    accepts: isInternational,
  },
  {
    pattern: new RegExp(
      String.raw`(?:${before}(?:1[ .-])?[2-9]\d\d([.-])[2-9]\d\d\1\d{4}|(?:${before}1[ -]?|${beforeBracket})\([2-9]\d\d\)[ -]?[2-9]\d\d[ .-]\d{4})${after}`,
      "gu",
    ),
    accepts: () => true,
  },
  {
    pattern: new RegExp(String.raw`${first}0[1-9]([ .-]?)\d\d(?:\1\d\d){3}(?![ .-]?\d)${after}`, "gu"),
    accepts: (written) => /\D/.test(written) && isPairs(written),
  },
  {
    pattern: new RegExp(
      String.raw`(?:${first}0[1-9]\d{0,4}|${beforeBracket}\(0[1-9]\d{0,4}\))(?: ?[/-] ?| )\d{2,8}(?:[ -]\d{2,5}){0,3}(?![ ]?\d)${after}`,
      "gu",
    ),
    accepts: isNational,
  },
];
