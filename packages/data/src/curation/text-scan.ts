/**
 * One pass over a text that gathers all that the filters and both searches for duplicates need: counts, a 64-bit hash of the text with
 * white space evened out, and a hash of each word with case and punctuation left out. One pass, since these loops are most of the work.
 */
import { mix } from "./mix.js";

const space = 0;
const punctuation = 1;
const digit = 2;
const letter = 3;
/** A letter that is a word by itself, in scripts that put no spaces between words. */
const standalone = 4;

interface CharacterTables {
  readonly kinds: Uint8Array;
  /** Code units in lower case, where that is a single code unit. */
  readonly folded: Uint16Array;
}

let tables: CharacterTables | undefined;

/** What each UTF-16 code unit is. Halves of surrogate pairs count as letters: most are ideographs of other planes, or emoji. */
function characterTables(): CharacterTables {
  if (tables !== undefined) return tables;
  const kinds = new Uint8Array(0x10000);
  const folded = new Uint16Array(0x10000);
  for (let code = 0; code < 0x10000; code++) {
    const character = String.fromCharCode(code);
    if (/\s/.test(character)) kinds[code] = space;
    else if (/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u.test(character)) {
      kinds[code] = standalone;
    } else if (/[\p{L}\p{M}]/u.test(character) || (code & 0xf800) === 0xd800) kinds[code] = letter;
    else kinds[code] = /\p{N}/u.test(character) ? digit : punctuation;
    const lower = character.toLowerCase();
    folded[code] = lower.length === 1 ? lower.charCodeAt(0) : code;
  }
  tables = { kinds, folded };
  return tables;
}

/** Holds the results of the last `scan`; the buffers are used again by the next. */
export class TextScan {
  /** Code points. */
  characters = 0;
  /** Code units other than white space. */
  visible = 0;
  /** Code units that are letters. */
  letters = 0;
  words = 0;
  /** Of the text with every run of white space as one space, and none at the ends: two words of 32 bits. */
  hashHigh = 0;
  hashLow = 0;
  /** The first `words` are hashes of the text's words in lower case. */
  wordHashes = new Int32Array(1024);

  scan(text: string): void {
    const { kinds, folded } = characterTables();
    let hashes = this.wordHashes;
    let [words, word, letters, visible, lowSurrogates] = [0, 0, 0, 0, 0];
    let inWord = false;
    let spaceBefore = false;
    // FNV-1a, and a variant that turns the word as well, so that the two do not collide together.
    let high = 0x811c9dc5 | 0;
    let low = 0x9747b28c | 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const kind = kinds[code]!;
      if (kind === space) spaceBefore = true;
      else {
        if (spaceBefore && visible > 0) {
          high = Math.imul(high ^ 32, 0x01000193);
          low = Math.imul(((low << 5) | (low >>> 27)) ^ 32, 0x9e3779b1);
        }
        spaceBefore = false;
        visible++;
        high = Math.imul(high ^ code, 0x01000193);
        low = Math.imul(((low << 5) | (low >>> 27)) ^ code, 0x9e3779b1);
        if (kind >= letter) letters++;
        if ((code & 0xfc00) === 0xdc00) lowSurrogates++;
      }
      if (inWord && (kind < digit || kind === standalone)) {
        if (words === hashes.length) hashes = this.#grow();
        hashes[words++] = mix(word);
        inWord = false;
      }
      if (kind >= digit) {
        if (!inWord) word = 0x811c9dc5 | 0;
        word = Math.imul(word ^ folded[code]!, 0x01000193);
        inWord = true;
        if (kind === standalone) {
          if (words === hashes.length) hashes = this.#grow();
          hashes[words++] = mix(word);
          inWord = false;
        }
      }
    }
    if (inWord) {
      if (words === hashes.length) hashes = this.#grow();
      hashes[words++] = mix(word);
    }
    this.characters = text.length - lowSurrogates;
    this.visible = visible;
    this.letters = letters;
    this.words = words;
    this.hashHigh = mix(high);
    this.hashLow = mix(low);
  }

  #grow(): Int32Array<ArrayBuffer> {
    const larger = new Int32Array(this.wordHashes.length * 2);
    larger.set(this.wordHashes);
    this.wordHashes = larger;
    return larger;
  }
}
