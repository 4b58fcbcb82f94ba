/**
 * UTF-8 read byte by byte (Unicode 16, table 3-7: well-formed byte sequences), for what `TextDecoder` does not say: where
 * a text stops being valid, and which stretches of arbitrary bytes are text.
 */

/** The length of the well-formed character at `at`, or 0 where none begins. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return 0;
  // The second byte alone rules out overlong forms, surrogates and code points above U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1]!;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** The end of the valid text that begins at `from`: `bytes.length` where all the rest is valid. */
export function validUntil(bytes: Uint8Array, from = 0): number {
  let at = from;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === 0) break;
    at += length;
  }
  return at;
}

/** The end of the stretch beginning at `from` in which no well-formed character begins. */
export function invalidUntil(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && characterLength(bytes, at) === 0) at++;
  return at;
}
