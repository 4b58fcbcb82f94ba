/**
 * An n-gram model as bytes. Little-endian:
 *
 *   "ATMARKOV" · u32 version · u32 order · u32 vocabulary · u32 size of each level, 1 … order · body · u32 CRC-32 of all before
 *
 * The body lists the k-grams of each level, in order, as variable-length integers (7 bits a byte, least significant first): the
 * last token, as its distance from the preceding sibling's; the count; and below the highest order the continuation count
 * and the number of children. Most of these fit one byte, a quarter of what the arrays take in memory. Everything else
 * (discounts, unigrams) follows from the counts.
 */
import { FormatError } from "@atelier/engine/errors";
import { ByteReader, ByteWriter } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { highestOrder, largestVocabulary, type NgramLevel, type NgramTrie, rootLevel } from "./trie.js";

const magic = "ATMARKOV";
const version = 1;
const maximumCount = 2 ** 31 - 1;

export function encodeTrie(trie: NgramTrie): Uint8Array<ArrayBuffer> {
  const { order, vocabulary, levels } = trie;
  const writer = new ByteWriter();
  for (const letter of magic) writer.byte(letter.charCodeAt(0));
  for (const number of [version, order, vocabulary]) writer.uint32(number);
  for (let k = 1; k <= order; k++) writer.uint32(levels[k]!.tokens.length);
  for (let k = 1; k <= order; k++) {
    const { tokens, counts, continuations, children } = levels[k]!;
    const parents = levels[k - 1]!.children;
    for (let parent = 0; parent + 1 < parents.length; parent++) {
      let previous = -1;
      for (let gram = parents[parent]!; gram < parents[parent + 1]!; gram++) {
        writer.variable(tokens[gram]! - previous - 1);
        previous = tokens[gram]!;
        writer.variable(counts[gram]!);
        if (k === order) continue;
        writer.variable(continuations[gram]!);
        writer.variable(children[gram + 1]! - children[gram]!);
      }
    }
  }
  writer.uint32(crc32(writer.written()));
  return writer.written().slice();
}

/** @throws FormatError */
export function decodeTrie(bytes: Uint8Array): NgramTrie {
  if (bytes.length < magic.length || !magic.split("").every((letter, i) => bytes[i] === letter.charCodeAt(0))) {
    throw bad("these bytes are not an n-gram model");
  }
  if (bytes.length < magic.length + 16) throw bad("the file ends within its header");
  const body = bytes.subarray(0, bytes.length - 4);
  const reader = new ByteReader(body, magic.length, bad);
  const found = reader.uint32();
  if (found !== version) throw bad(`the format has version ${found}, and this program reads version ${version}`);
  if (crc32(body) !== new ByteReader(bytes, body.length, bad).uint32()) throw bad("the checksum does not match");

  const order = reader.uint32();
  const vocabulary = reader.uint32();
  if (order < 1 || order > highestOrder) throw bad(`the order ${order} is not between 1 and ${highestOrder}`);
  if (vocabulary < 1 || vocabulary > largestVocabulary) throw bad(`the vocabulary size ${vocabulary} is impossible`);
  const sizes = Array.from({ length: order }, () => reader.uint32());
  // Every k-gram takes at least two bytes: so a wrong size is found before memory is set aside for it.
  if (sizes[0] === 0 || sizes.reduce((sum, size) => sum + 2 * size, 0) > reader.remaining)
    throw bad("the level sizes are impossible");

  const levels: NgramLevel[] = [rootLevel(sizes[0]!)];
  for (let k = 1; k <= order; k++) {
    levels.push(readLevel(reader, levels[k - 1]!.children, sizes[k - 1]!, vocabulary, sizes[k]));
  }
  if (reader.remaining > 0) throw bad(`${reader.remaining} bytes are left over`);
  return { vocabulary, order, levels };
}

/** One level; `next` is the size of the level after it, `undefined` for the last. */
function readLevel(
  reader: ByteReader,
  parents: Int32Array,
  size: number,
  vocabulary: number,
  next: number | undefined,
): NgramLevel {
  const last = next === undefined;
  const level: NgramLevel = {
    tokens: new Int32Array(size),
    counts: new Int32Array(size),
    continuations: new Int32Array(last ? 0 : size),
    children: new Int32Array(last ? 0 : size + 1),
  };
  for (let parent = 0; parent + 1 < parents.length; parent++) {
    let token = -1;
    for (let gram = parents[parent]!; gram < parents[parent + 1]!; gram++) {
      token += reader.variable() + 1;
      if (token >= vocabulary) throw bad(`token ${token} is outside the vocabulary of ${vocabulary}`);
      level.tokens[gram] = token;
      level.counts[gram] = requireCount(reader.variable(), 1, maximumCount);
      if (next === undefined) continue;
      level.continuations[gram] = requireCount(reader.variable(), 1, maximumCount);
      level.children[gram + 1] =
        level.children[gram]! + requireCount(reader.variable(), 0, next - level.children[gram]!);
    }
  }
  if (next !== undefined && level.children[size] !== next) throw bad("the levels do not fit together");
  return level;
}

function requireCount(count: number, least: number, most: number): number {
  if (count < least || count > most) throw bad(`a count of ${count} is not between ${least} and ${most}`);
  return count;
}

function bad(reason: string): FormatError {
  return new FormatError(`Cannot read the n-gram model: ${reason}`, {
    hint: "Fit the model again, or restore the file from where it was copied.",
  });
}
