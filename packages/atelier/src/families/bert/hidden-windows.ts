/**
 * The windows that a masked model and its baseline are judged on. In each, 15 % of the tokens are hidden: the same ones for both, and
 * always the same for the same text.
 */
import type { TextCodec, TokenStream, TokensCodec } from "@atelier/data";
import { type HostTensor, hostTensor, RandomKey, zipTrees } from "@atelier/engine";
import { type MaskedRows, maskTokens, type TransformerConfiguration } from "@atelier/models";
import { beginning } from "../../evaluation/windows.js";
import { specialTokens } from "./family.js";

export const HIDDEN_PROTOCOL =
  "15 % of the tokens hidden in each of the non-overlapping windows of the context from offset 0; both models see the rest of the window";

/** The most windows that are judged: each hidden token costs the baseline a pass over the vocabulary, in plain TypeScript. */
const MOST_WINDOWS = 2000;

/** What is judged of a text, by the model and by its baseline. */
export const judgedPart = (stream: TokenStream, context: number, limit = Number.POSITIVE_INFINITY): TokenStream =>
  beginning(stream, Math.min(limit, MOST_WINDOWS * context));

const KEY = RandomKey.fromSeed(0).split("hidden tokens");

export interface HiddenWindows {
  /** (B, T): the tokens as they are. */
  readonly tokens: Int32Array;
  readonly masked: MaskedRows<HostTensor>;
  /** How many of the rows are windows of the text; the others only fill the batch up. */
  readonly rows: number;
  /** The number of the first window. */
  readonly first: number;
}

/** Whole windows only: a shorter last one would be another shape. */
export function* hiddenWindows(
  stream: TokenStream,
  codec: TextCodec,
  { context, vocabulary }: TransformerConfiguration,
  batch: number,
): Generator<HiddenWindows> {
  const special = specialTokens(codec);
  const windows = Math.max(1, Math.floor(stream.length / context));
  for (let first = 0; first < windows; first += batch) {
    const tokens = new Int32Array(batch * context).fill(special.mask);
    tokens.set(stream.read(first * context, Math.min((first + batch) * context, windows * context)));
    // Each by itself: what is hidden in a window does not depend on the batch it is in.
    const masked = Array.from({ length: batch }, (_, row) =>
      maskTokens(hostTensor(tokens.slice(row * context, (row + 1) * context), [1, context]), {
        ...special,
        vocabulary,
        key: KEY.at(first + row),
        random: 0,
        unchanged: 0,
      }),
    );
    const rows = zipTrees<HostTensor, HostTensor>((all) => concatenated(all), ...masked) as MaskedRows<HostTensor>;
    yield { tokens, masked: rows, rows: Math.min(batch, windows - first), first };
  }
}

/** Tensors (1, N) as one, (B, N). */
function concatenated(rows: readonly HostTensor[]): HostTensor {
  const all = Int32Array.from(rows.flatMap(({ data }) => [...data]));
  return hostTensor(all, [rows.length, all.length / rows.length]);
}

/** Bytes of text behind the hidden tokens of a row, and how many there are. */
export function hiddenIn(
  { masked }: HiddenWindows,
  row: number,
  codec: Pick<TokensCodec, "bytesOf">,
): { readonly count: number; readonly bytes: number } {
  const places = masked.targets.shape[1]!;
  const targets = (masked.targets.data as Int32Array).subarray(row * places, (row + 1) * places);
  const there = targets.filter((target) => target >= 0);
  return { count: there.length, bytes: codec.bytesOf(there) };
}
