/** Letters, numbers, white space and all else: the classes of characters that pre-tokenisation tells apart, by Unicode's properties. */

export const letter = 1;
export const number = 2;
export const space = 3;
export const other = 4;

/** Class by code unit below U+10000, filled as characters are met (0: not yet). */
const classes = new Uint8Array(0x10000);

function classify(point: number): number {
  const character = String.fromCodePoint(point);
  if (/\p{L}/u.test(character)) return letter;
  if (/\p{N}/u.test(character)) return number;
  return /\p{White_Space}/u.test(character) ? space : other;
}

/** The class of the character at `at`. */
export function classAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit >= 0xd800 && unit < 0xe000) return classify(text.codePointAt(at)!);
  const known = classes[unit]!;
  if (known !== 0) return known;
  const found = classify(unit);
  classes[unit] = found;
  return found;
}

/** Code units of the character at `at`. */
export const widthAt = (text: string, at: number): number => (text.codePointAt(at)! > 0xffff ? 2 : 1);
