/** The windows that a held-out text is judged in, alike for a model and its baseline. */
import { TokenStream } from "@atelier/data";

export const WINDOWS_PROTOCOL =
  "the held-out text in non-overlapping windows of the context from offset 0; both models see only the window";

/** The most tokens that a final evaluation judges: intervals are narrow by then, and a text of gigabytes would take days. */
export const MOST_TOKENS = 2_000_000;

/** A stream's beginning of so many predictions, or all of it. */
export const beginning = (stream: TokenStream, limit = MOST_TOKENS): TokenStream =>
  stream.length <= limit + 1 ? stream : new TokenStream(stream.read(0, limit + 1));
