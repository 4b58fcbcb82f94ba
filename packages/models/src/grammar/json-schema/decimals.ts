/**
 * Numbers within bounds, as expressions over their decimal digits. A bounded number is a whole number of units of 10^-places, so
 * bounds are exact: they are compared as whole numbers of any size and never rounded.
 */
import { codePoints } from "../code-points.js";
import {
  character,
  choice,
  type Expression,
  empty,
  literal,
  nothing,
  optional,
  repeat,
  sequence,
} from "../expression.js";

export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

/** Digits before the point that are written where no bound says otherwise: all such integers are exact in a double. */
const usualDigits = 15;
/** Decimal places of a number with a bound, fewer where the bound has many digits before the point. */
const usualPlaces = 6;

const digits = (low: number, high: number): Expression => character(codePoints([[0x30 + low, 0x30 + high]]));
const anyDigit = digits(0, 9);

/** Integers of up to 15 digits, or as many as the bounds have. */
export function integerExpression(low: Bound | undefined, high: Bound | undefined): Expression {
  return scaledExpression(low, high, 0);
}

/**
 * Numbers. Without bounds: up to 15 digits before and after the point, and exponents of up to two digits. With a bound: no exponent,
 * and at most 6 decimal places, so few that with the bound's digits before the point they are no more than 15: decimals of 15 digits
 * stay apart as doubles, so that no bound is crossed by rounding.
 */
export function numberExpression(low: Bound | undefined, high: Bound | undefined): Expression {
  if (low === undefined && high === undefined) {
    const exponent = sequence(
      character(
        codePoints([
          [0x65, 0x65],
          [0x45, 0x45],
        ]),
      ),
      optional(
        character(
          codePoints([
            [0x2b, 0x2b],
            [0x2d, 0x2d],
          ]),
        ),
      ),
      repeat(anyDigit, 1, 2),
    );
    return sequence(
      optional(literal("-")),
      choice(literal("0"), sequence(digits(1, 9), repeat(anyDigit, 0, usualDigits - 1))),
      optional(sequence(literal("."), repeat(anyDigit, 1, usualDigits))),
      optional(exponent),
    );
  }
  const wholeDigits = Math.max(
    ...[low, high].map((bound) => (bound === undefined ? 1 : `${scaled(Math.abs(bound.value), 0).floor}`.length)),
  );
  return scaledExpression(low, high, Math.max(0, Math.min(usualPlaces, usualDigits - wholeDigits)));
}

function scaledExpression(low: Bound | undefined, high: Bound | undefined, places: number): Expression {
  const unit = 10n ** BigInt(places);
  const usual = 10n ** BigInt(usualDigits) * unit - 1n;
  let least: bigint | undefined;
  let greatest: bigint | undefined;
  if (low !== undefined) {
    const { floor, exact } = scaled(low.value, places);
    least = exact && !low.exclusive ? floor : floor + 1n;
  }
  if (high !== undefined) {
    const { floor, exact } = scaled(high.value, places);
    greatest = exact && high.exclusive ? floor - 1n : floor;
  }
  // A bound that is larger than the usual numbers leaves room for as many again beyond it.
  least ??= greatest! < -usual ? greatest! - usual : -usual;
  greatest ??= least > usual ? least + usual : usual;
  if (least > greatest) return nothing;
  if (greatest < 0n) return sequence(literal("-"), magnitude(-greatest, -least, places));
  const positive = magnitude(least < 0n ? 0n : least, greatest, places);
  return least < 0n ? choice(positive, sequence(literal("-"), magnitude(1n, -least, places))) : positive;
}

/** A number in units of 10^-places: rounded down, and whether that is exact. The number is its shortest decimal, as JSON has it. */
function scaled(value: number, places: number): { readonly floor: bigint; readonly exact: boolean } {
  const [mantissa = "0", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const shift = Number(exponent) - fraction.length + places;
  const digitsOf = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, shift));
  const divisor = 10n ** BigInt(Math.max(0, -shift));
  const quotient = digitsOf / divisor;
  const exact = quotient * divisor === digitsOf;
  return { floor: value >= 0 ? quotient : exact ? -quotient : -quotient - 1n, exact };
}

/** Decimals from `least` to `greatest` units, both at least 0: without leading zeros, trailing ones of the fraction free to be left out. */
function magnitude(least: bigint, greatest: bigint, places: number): Expression {
  const shortest = places + 1;
  const options: Expression[] = [];
  for (
    let length = Math.max(shortest, `${least}`.length);
    length <= Math.max(shortest, `${greatest}`.length);
    length++
  ) {
    const first = length === shortest ? 0n : 10n ** BigInt(length - 1);
    const last = 10n ** BigInt(length) - 1n;
    const low = `${least > first ? least : first}`.padStart(length, "0");
    const high = `${greatest < last ? greatest : last}`.padStart(length, "0");
    options.push(between(low, high, 0, places, true, true));
  }
  return choice(...options);
}

/**
 * What may follow the first `index` digits of a number between `low` and `high` (as many digits each): `atLow` if these were those of
 * `low`, so that the rest must not be less, `atHigh` likewise.
 */
function between(
  low: string,
  high: string,
  index: number,
  places: number,
  atLow: boolean,
  atHigh: boolean,
): Expression {
  const left = low.length - index;
  if (left === 0) return empty;
  const wholeLeft = left - places;
  if (!atLow && !atHigh) {
    const fraction = optional(sequence(literal("."), repeat(anyDigit, 1, places)));
    if (wholeLeft < 0) return repeat(anyDigit, 0, left);
    return sequence(repeat(anyDigit, wholeLeft, wholeLeft), places === 0 ? empty : fraction);
  }
  const next = (digit: number, stillLow: boolean, stillHigh: boolean): Expression =>
    sequence(digits(digit, digit), between(low, high, index + 1, places, stillLow, stillHigh));
  const first = atLow ? Number(low[index]) : 0;
  const last = atHigh ? Number(high[index]) : 9;
  const options: Expression[] = [];
  if (atLow && atHigh && first === last) options.push(next(first, true, true));
  else {
    if (atLow) options.push(next(first, true, false));
    const from = atLow ? first + 1 : first;
    const to = atHigh ? last - 1 : last;
    if (from <= to) options.push(sequence(digits(from, to), between(low, high, index + 1, places, false, false)));
    if (atHigh) options.push(next(last, false, true));
  }
  const more = wholeLeft === 0 ? sequence(literal("."), choice(...options)) : choice(...options);
  const mayStop = wholeLeft <= 0 && (!atLow || /^0*$/.test(low.slice(index)));
  return mayStop ? optional(more) : more;
}
