/** Payment-card numbers: a known issuer's beginning and length (ISO/IEC 7812), and a right check digit (Luhn, US patent 2,950,048). */

const issuers: readonly (readonly [beginning: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|65|64[4-9])/, [16, 19]], // Discover
  [/^3(?:0[0-5]|[689])/, [14]], // Diners Club
  [/^35(?:2[89]|[3-8]\d)/, [16]], // JCB
  [/^62/, [16, 17, 18, 19]], // UnionPay
];

/** Whether the last of the digits is the check digit of those before. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 === 0;
}

/** Whether these digits may be a card's. */
export function isCardNumber(digits: string): boolean {
  if (!issuers.some(([beginning, lengths]) => beginning.test(digits) && lengths.includes(digits.length))) return false;
  return passesLuhn(digits);
}
