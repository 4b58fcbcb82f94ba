/**
 * Fill-in-the-middle: a text with a gap is written as prefix, suffix, middle, with special tokens between them, so that a model that
 * only ever goes on from what it has read learns to fill gaps.
 *
 * Bavarian et al.: "Efficient Training of Language Models to Fill in the Middle" (2022). Rows are rearranged at the level of
 * the context (section 3), in the order prefix, suffix, middle (PSM) alone: prompts are written in no other.
 */
import { FormatError } from "@atelier/engine/errors";
import type { RandomKey } from "@atelier/engine/random";
import type { BpeCodec } from "./bpe.js";

/** The special tokens, in the order in which a trained vocabulary has them. */
export const fillSpecials = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"] as const;

const newline = 0x0a;

/** Moves a place in UTF-8 back to the beginning of its character. */
function characterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start--;
  return start;
}

/** Two uniformly random places, the paper's choice. The draws are random words. */
function spanCuts(bytes: Uint8Array, one: number, other: number): [number, number] {
  const place = (draw: number): number => characterStart(bytes, Math.floor((draw / 2 ** 32) * (bytes.length + 1)));
  const [a, b] = [place(one), place(other)];
  return a < b ? [a, b] : [b, a];
}

/** Whole lines without the last line break: from one that is not empty, each line less likely by half than the one before. */
function lineCuts(bytes: Uint8Array, which: number, howMany: number): [number, number] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if ((at === 0 || bytes[at - 1] === newline) && bytes[at] !== newline) starts.push(at);
  }
  const start = starts[Math.floor((which / 2 ** 32) * starts.length)] ?? 0;
  let more = Math.clz32(howMany); // 0 half of the time, 1 a quarter, …
  let end = start;
  while (end < bytes.length && (bytes[end] !== newline || more-- > 0)) end++;
  return [start, end === bytes.length && bytes[end - 1] === newline ? Math.max(start, end - 1) : end];
}

export class FillInTheMiddle {
  /** `<|endoftext|>`: where it is drawn, the middle is complete. */
  readonly end: number;
  private readonly codec: Pick<BpeCodec, "encode" | "encodeBytes" | "decodeBytes">;
  private readonly prefix: number;
  private readonly suffix: number;
  private readonly middle: number;
  private readonly special: ReadonlySet<number>;

  /** @throws FormatError where the codec lacks one of `fillSpecials`. */
  constructor(codec: Pick<BpeCodec, "encode" | "encodeBytes" | "decodeBytes" | "spec">) {
    const { specials } = codec.spec;
    const idOf = (name: (typeof fillSpecials)[number]): number => {
      const id = specials[name];
      if (id !== undefined) return id;
      throw new FormatError(`The vocabulary has no special token ${name}, which fill-in-the-middle needs`, {
        hint: `Train the codec with ${fillSpecials.join(", ")}.`,
      });
    };
    this.codec = codec;
    this.end = idOf("<|endoftext|>");
    this.prefix = idOf("<|fim_prefix|>");
    this.suffix = idOf("<|fim_suffix|>");
    this.middle = idOf("<|fim_middle|>");
    this.special = new Set(Object.values(specials));
  }

  /**
   * What a model goes on from to fill the gap between two texts: <|fim_prefix|> prefix <|fim_suffix|> suffix <|fim_middle|>.
   *
   * @param limit the most tokens the prompt may have. Where the texts are longer, what lies farthest from the gap is dropped; of
   * the room there is the suffix gets a quarter, and each gets what the other leaves.
   */
  fillPrompt(prefix: string, suffix: string, limit = Number.POSITIVE_INFINITY): Int32Array {
    const before = this.codec.encode(prefix);
    const after = this.codec.encode(suffix);
    const room = Math.max(0, limit - 3);
    const kept = Math.min(after.length, Math.max(Math.floor(room / 4), room - before.length));
    return this.arrange(before.subarray(Math.max(0, before.length - (room - kept))), after.subarray(0, kept), []);
  }

  /**
   * One row of training tokens with a gap in it: of its text (its longest stretch without a special token, that is, of one document)
   * two places are cut, its three parts are encoded apart, so that gaps which begin or end within a token are learnt, and they
   * are put in the order of a prompt, with the middle and `<|endoftext|>` behind it. What stands before and behind the stretch stays.
   * Half of the time the middle is one or more whole lines (one line in half of these cases, two in a quarter, …), else it lies
   * between two uniformly random characters.
   *
   * The row keeps its length: the special tokens take the place of tokens at the end of the suffix or, where that is too short, at
   * the beginning of the prefix, as if the window had been narrower. (In the rare case that the parts need fewer tokens than
   * the whole, `<|endoftext|>` is repeated.) A row with too little text for that comes back as it is.
   */
  rearrange(row: Int32Array, key: RandomKey): Int32Array {
    const [from, to] = this.longestStretch(row);
    const ended = row[to] === this.end;
    const room = to - from - (ended ? 3 : 4);
    if (room < 1) return row.slice();
    const bytes = this.codec.decodeBytes(row.subarray(from, to));
    const words = key.bits(new Uint32Array(3));
    const cuts = (words[0]! & 1) === 0 ? lineCuts : spanCuts;
    const [first, second] = cuts(bytes, words[1]!, words[2]!);
    const middle = this.codec.encodeBytes(bytes.subarray(first, second));
    if (middle.length > room) return row.slice();
    const suffix = this.codec.encodeBytes(bytes.subarray(second));
    const prefix = this.codec.encodeBytes(bytes.subarray(0, first));
    const kept = Math.min(suffix.length, Math.max(0, room - middle.length - prefix.length));
    const begin = Math.max(0, prefix.length - (room - middle.length - kept));
    const arranged = this.arrange(prefix.subarray(begin), suffix.subarray(0, kept), middle);
    const result = new Int32Array(row.length).fill(this.end);
    result.set(row.subarray(0, from));
    result.set(arranged, from);
    result.set(row.subarray(to), from + arranged.length + (ended ? 0 : 1));
    return result;
  }

  private arrange(prefix: Int32Array, suffix: Int32Array, middle: ArrayLike<number>): Int32Array {
    const ids = new Int32Array(prefix.length + suffix.length + middle.length + 3);
    ids[0] = this.prefix;
    ids.set(prefix, 1);
    ids[1 + prefix.length] = this.suffix;
    ids.set(suffix, 2 + prefix.length);
    ids[2 + prefix.length + suffix.length] = this.middle;
    ids.set(middle, 3 + prefix.length + suffix.length);
    return ids;
  }

  /** The longest stretch of a row without special tokens, the first of equals: from, and up to but not including. */
  private longestStretch(row: Int32Array): [number, number] {
    let best: [number, number] = [0, 0];
    for (let from = 0, at = 0; at <= row.length; at++) {
      if (at < row.length && !this.special.has(row[at]!)) continue;
      if (at - from > best[1] - best[0]) best = [from, at];
      from = at + 1;
    }
    return best;
  }
}
