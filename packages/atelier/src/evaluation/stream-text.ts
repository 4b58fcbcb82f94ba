/** The text behind a token stream. */
import type { TextCodec, TokenStream } from "@atelier/data";

/** Tokens decoded at a time. */
const PIECE = 1 << 20;

/**
 * The documents of a stream, in order; a long one, or a stream whose codec marks no ends, in pieces of about a million tokens. Lazy: no more
 * than a piece is in memory.
 */
export function* documentsOf(
  stream: TokenStream,
  codec: TextCodec,
  passed: (tokens: number) => void = () => {},
): Generator<string> {
  const end = codec.spec.specials["<|endoftext|>"];
  for (let from = 0; from < stream.length; ) {
    const piece = stream.read(from, from + PIECE);
    let start = 0;
    for (let i = 0; end !== undefined && i < piece.length; i++) {
      if (piece[i] !== end) continue;
      yield codec.decode(piece.subarray(start, i));
      start = i + 1;
    }
    const whole = from + piece.length >= stream.length;
    // What is left begins the next piece, unless a document fills a whole one.
    if (whole || start === 0) {
      yield codec.decode(piece.subarray(start));
      from += piece.length;
    } else {
      from += start;
    }
    passed(from);
  }
}

/** The first `tokens` of a stream as one text. */
export const beginningText = (stream: TokenStream, codec: TextCodec, tokens: number): string =>
  codec.decode(stream.read(0, tokens), { specials: false });
