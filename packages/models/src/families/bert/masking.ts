/** Hiding tokens, on the host: at random to train and to judge, and each in turn to score a text. */
import { ArgumentError, type HostTensor, hostTensor, type RandomKey } from "@atelier/engine";
import type { MaskedRows } from "./bert.js";

export interface SpecialTokens {
  /** The token that stands for a hidden one. */
  readonly mask: number;
  /** Tokens that are never hidden and never put in place of others: separators, padding. `mask` need not be listed. */
  readonly specials?: readonly number[] | undefined;
}

export interface MaskingOptions extends SpecialTokens {
  /** Row b draws from `key.at(b)`. */
  readonly key: RandomKey;
  /** How many tokens there are, special ones included. */
  readonly vocabulary: number;
  /** The share of a row's ordinary tokens that is to be named. Default 0.15. */
  readonly share?: number | undefined;
  /**
   * Of these, the share that is replaced by a random ordinary token, and the share that stays as it was; the rest becomes `mask`. Default 0.1
   * and 0.1, so that the model cannot rely on `mask` to know which tokens are asked for (Devlin et al. 2018, section 3.1). To
   * judge a model beside one that sees no hidden token at all, take 0 and 0.
   */
  readonly random?: number | undefined;
  readonly unchanged?: number | undefined;
}

/** K: how many tokens of a row of this length are named at most. At least 1. */
export const maskedPerRow = (length: number, share = 0.15): number => Math.max(1, Math.round(share * length));

/**
 * Hides tokens in rows (B, T) int32. Every row gets K = `maskedPerRow(T, share)` places, so that shapes are static; in a row with
 * fewer ordinary tokens, `share` of those it has are hidden (one at least, if there is one), and the places left over have the target −1.
 *
 * @throws {ArgumentError} for tokens outside the vocabulary, shares that are none, or a vocabulary of special tokens only
 */
export function maskTokens(tokens: HostTensor, options: MaskingOptions): MaskedRows<HostTensor> {
  const { key, vocabulary, mask, share = 0.15, random = 0.1, unchanged = 0.1 } = options;
  const [rows, length] = requireRows(tokens);
  const special = [...specialSet(options)].sort((a, b) => a - b);
  if (!(share > 0 && share <= 1)) throw new ArgumentError(`bert: \`share\` lies above 0 and up to 1, got ${share}`);
  if (!(random >= 0 && unchanged >= 0 && random + unchanged <= 1)) {
    throw new ArgumentError(`bert: \`random\` ${random} and \`unchanged\` ${unchanged} are no shares of a whole`);
  }
  for (const token of special) requireToken(token, vocabulary);
  if (special.length >= vocabulary) {
    throw new ArgumentError(`bert: all ${vocabulary} tokens are special, so there is nothing to learn`);
  }
  /** The n-th token that is not special. */
  const ordinary = (n: number): number => special.reduce((token, s) => (token >= s ? token + 1 : token), n);
  const isSpecial = new Uint8Array(vocabulary);
  for (const token of special) isSpecial[token] = 1;

  const places = maskedPerRow(length, share);
  const inputs = Int32Array.from(tokens.data);
  const positions = new Int32Array(rows * places);
  const targets = new Int32Array(rows * places).fill(-1);
  for (let row = 0; row < rows; row++) {
    const candidates: number[] = [];
    for (let t = 0; t < length; t++) {
      const token = inputs[row * length + t]!;
      requireToken(token, vocabulary);
      if (isSpecial[token] === 0) candidates.push(t);
    }
    const count = Math.min(candidates.length, maskedPerRow(candidates.length, share));
    const draws = key.at(row).uniform(new Float32Array(3 * count));
    for (let i = 0; i < count; i++) {
      // Fisher–Yates, as far as it is needed.
      const j = i + Math.floor(draws[3 * i]! * (candidates.length - i));
      [candidates[i], candidates[j]] = [candidates[j]!, candidates[i]!];
    }
    candidates
      .slice(0, count)
      .sort((a, b) => a - b)
      .forEach((position, i) => {
        const at = row * length + position;
        positions[row * places + i] = position;
        targets[row * places + i] = inputs[at]!;
        const fate = draws[3 * i + 1]!;
        if (fate < random) inputs[at] = ordinary(Math.floor(draws[3 * i + 2]! * (vocabulary - special.length)));
        else if (fate >= random + unchanged) inputs[at] = mask;
      });
  }
  return {
    inputs: hostTensor(inputs, [rows, length]),
    positions: hostTensor(positions, [rows, places]),
    targets: hostTensor(targets, [rows, places]),
  };
}

/**
 * Sets texts of different lengths side by side, filled up with `pad`: (B, length) with what is text in `visible`. Compiled functions
 * are traced once for each length, so round it up.
 *
 * @throws {ArgumentError} for a text longer than `length`
 */
export function padRows(
  texts: readonly ArrayLike<number>[],
  {
    pad,
    length = Math.max(1, ...texts.map((text) => text.length)),
  }: { readonly pad: number; readonly length?: number },
): { readonly tokens: HostTensor; readonly visible: HostTensor } {
  const tokens = new Int32Array(texts.length * length).fill(pad);
  const visible = new Float32Array(texts.length * length);
  texts.forEach((text, row) => {
    if (text.length > length) {
      throw new ArgumentError(`bert: text ${row} has ${text.length} tokens, which do not fit in rows of ${length}`);
    }
    tokens.set(text, row * length);
    visible.fill(1, row * length, row * length + text.length);
  });
  const shape = [texts.length, length];
  return { tokens: hostTensor(tokens, shape), visible: hostTensor(visible, shape) };
}

/**
 * Each ordinary token of a text hidden in turn, one in each row. The nats of all of them together are the negative pseudo-log-likelihood
 * of the text (Salazar et al. 2020, "Masked language model scoring", equation 1). Batches have `rows` rows of `length` tokens; what
 * is left over in the last one has the target −1.
 *
 * @throws {ArgumentError} for a text longer than `length`, or batches of no rows
 */
export function* maskEach(
  text: ArrayLike<number>,
  { rows, length = text.length, ...special }: SpecialTokens & { readonly rows: number; readonly length?: number },
): Generator<Required<MaskedRows<HostTensor>>, void> {
  if (!Number.isSafeInteger(rows) || rows < 1) {
    throw new ArgumentError(`bert: a batch has a whole number of rows from 1 up, got ${rows}`);
  }
  const specials = specialSet(special);
  const hidden = Array.from(text, (_, t) => t).filter((t) => !specials.has(text[t]!));
  for (let from = 0; from < hidden.length; from += rows) {
    const { tokens, visible } = padRows(Array<ArrayLike<number>>(rows).fill(text), { pad: special.mask, length });
    const positions = new Int32Array(rows);
    const targets = new Int32Array(rows).fill(-1);
    hidden.slice(from, from + rows).forEach((t, row) => {
      positions[row] = t;
      targets[row] = text[t]!;
      tokens.data[row * length + t] = special.mask;
    });
    yield {
      inputs: tokens,
      positions: hostTensor(positions, [rows, 1]),
      targets: hostTensor(targets, [rows, 1]),
      visible,
    };
  }
}

const specialSet = ({ mask, specials = [] }: SpecialTokens): ReadonlySet<number> => new Set([...specials, mask]);

function requireRows({ shape, dtype }: HostTensor): [rows: number, length: number] {
  if (shape.length !== 2 || dtype !== "int32") {
    throw new ArgumentError(`bert: rows of tokens are (B, T) int32, got (${shape.join(", ")}) ${dtype}`);
  }
  return [shape[0]!, shape[1]!];
}

function requireToken(token: number, vocabulary: number): void {
  if (Number.isInteger(token) && token >= 0 && token < vocabulary) return;
  throw new ArgumentError(`bert: token ${token} is outside the vocabulary of ${vocabulary}`, {
    hint: "Encode the text with the codec of the model.",
  });
}
