import { describe, expect, it } from "vitest";
import { isCardNumber, passesLuhn } from "./card-numbers.js";
import { findPii, maskPii } from "./pii.js";

const found = (text: string): string[] =>
  findPii(text).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);

/** Numbers that card networks and payment services publish for tests. */
const testCards = [
  "4111111111111111",
  "4012888888881881",
  "4222222222222",
  "5555555555554444",
  "5105105105105100",
  "2223003122003222",
  "378282246310005",
  "371449635398431",
  "6011111111111117",
  "30569309025904",
  "3530111333300000",
  "6200000000000005",
];

describe("card numbers", () => {
  it.each(testCards)("%s is one, and with another last digit is none", (digits) => {
    expect(isCardNumber(digits)).toBe(true);
    const last = Number(digits.at(-1));
    for (let other = 0; other < 10; other++) {
      if (other !== last) expect(passesLuhn(digits.slice(0, -1) + other)).toBe(false);
    }
    expect(found(`card ${digits}.`)).toEqual([`card ${digits}`]);
  });

  it("are found in groups", () => {
    expect(found("4111 1111 1111 1111 and 3782-822463-10005, 3782 822463 10005")).toEqual([
      "card 4111 1111 1111 1111",
      "card 3782-822463-10005",
      "card 3782 822463 10005",
    ]);
  });

  it("Luhn's own example: 7992739871 has check digit 3", () => {
    for (let digit = 0; digit < 10; digit++) expect(passesLuhn(`7992739871${digit}`)).toBe(digit === 3);
  });
});

describe("phone numbers", () => {
  // 555-01xx, 020 7946 0xxx and the German and French numbers below are set aside for fiction or belong to the public.
  it.each([
    "+1 415 555 2671",
    "+14155552671",
    "+1-415-555-2671",
    "+1 (415) 555-2671",
    "+1.415.555.2671",
    "(415) 555-2671",
    "(415)555-2671",
    "(415) 555 2671",
    "1 (415) 555-2671",
    "415-555-2671",
    "415.555.2671",
    "1-800-555-0199",
    "+44 20 7946 0958",
    "+44 (0)20 7946 0958",
    "+442079460958",
    "020 7946 0958",
    "(020) 7946 0958",
    "01632 960983",
    "07700 900123",
    "0044 20 7946 0958",
    "+49 30 23125 000",
    "+49 (0) 30 23125 000",
    "030 / 23125000",
    "030/23125000",
    "030-23125000",
    "0171 39200 00",
    "+33 1 99 00 12 34",
    "01 99 00 12 34",
    "01.99.00.12.34",
    "+33199001234",
    "+61 2 5550 1234",
    "02 5550 1234",
    "+81 3-1234-5678",
    "03-1234-5678",
    "+7 495 123-45-67",
    "+91 98765 43210",
    "+353 20 910 1234",
  ])("%s", (number) => {
    expect(found(`Call ${number} today`)).toEqual([`phone ${number}`]);
    expect(found(`Tel.: ${number}.`)).toEqual([`phone ${number}`]);
    expect(found(`tel:${number}, ask for Ishmael`)).toEqual([`phone ${number}`]);
    expect(found(number)).toEqual([`phone ${number}`]);
    expect(found(`(${number})`)).toEqual([`phone ${number}`]);
  });

  it("side by side", () => {
    expect(found("415-555-2671 212-555-0123\n+49 30 23125000 / +49 30 23125001")).toEqual([
      "phone 415-555-2671",
      "phone 212-555-0123",
      "phone +49 30 23125000",
      "phone +49 30 23125001",
    ]);
  });
});

describe("neither", () => {
  it.each([
    "in 1851 and 1852, from 1914-1918 or 1939 - 1945",
    "2026-11-22 03:49:17",
    "20261122T034917",
    "20261122034917",
    "22.11.2026, 01.02.2003 and 01-02-2003, 01/02/2003 12:30",
    "05-06-2020 05-07-2020 05-08-2020",
    "1999/12/31 23:59:59.999",
    "ISBN 0-306-40615-2 and ISBN 978-3-16-148410-0",
    "ISBN 9780306406157, 978 0 306 40615 7, 0 306 40615 2",
    "ISSN 0317-8471; doi:10.1000/182; arXiv:2010.11929",
    "https://doi.org/10.1145/3458817.3476195",
    "chapters 1 2 3 4 5 6 7 8 9 10 11 12",
    "01 02 03 04 05 06 07 08 09 10",
    "01 02 03 04 05",
    "1.1 1.2 1.2.3 10.11.12.13",
    "3.14159265358979 2.718281828459045 0.4111111111111111",
    "+3.1415926535, -0.333333333333 and +1.4142135623",
    "1,234,567,890 and 10 000 000 000 and 1.000.000.000",
    "version 20.19.43.1001, v1.2.3-20260112.1",
    "192.168.100.200:8080 and 255.255.255.255",
    "550e8400-e29b-41d4-a716-446655440000",
    "d41d8cd98f00b204e9800998ecf8427e 0123456789abcdef",
    "0x0123456789 #0123456789",
    "Boston, MA 02110-1301 USA",
    "<Buffer 01 02 07 03 04 05 06>",
    "0069 0307 0301; 0399 0308 0342 # code points",
    "5403 5404 5405 5406 5407 5408 5409",
    "01-23-45-67-89-AB is the address of a network card",
    "IBAN DE89 3704 0044 0532 0130 00",
    "SSN 078-05-1120 is another matter",
    "1700000000 1700000000000 1234567890123456",
    "order 4111111111111112, invoice 0000000000000000",
    "2,147,483,647 4294967295 9007199254740991 18446744073709551615",
    "40.712776, -74.005974 and +40.712776",
    "$415.555.2671 and 415-555-26711",
    "1-2-3-4-5-6-7-8-9-10",
    "0.1 0.2 0.3 0.25 0.125 0.0625",
    "12 345 678 90 123 456",
    "x = 100 - 200 - 3000 + 4000000",
    "pages 123-145, 212-240, 300-3000",
    "Exodus 20:13-17; John 3.16",
    "GPT-2 has 124439808 parameters, 50257 tokens",
    "7,842,391 (12.5%) 1024x768",
    "| 204 | 1851 | 0.25 | 1000000 |",
    "@types/node@20.19.43 left-pad@1.3.0 react@next",
    "git@github.com:owner/repository.git",
    "https://user:secret@example.com/path",
    "icon@2x.png @media @example.com user@localhost a@b",
    "a@b.c1 x@-example.com ..@example.com me@@example.com",
    "if (a @ b.c) { @decorator.method() }",
  ])("%s", (text) => expect(found(text)).toEqual([]));
});

describe("e-mail addresses", () => {
  it.each([
    "ishmael@example.com",
    "first.last+tag@mail.example.co.uk",
    "a_b-c%d@sub.example.org",
    "X@EXAMPLE.MUSEUM",
    "user@xn--bcher-kva.example",
    "4155552671@example.com",
  ])("%s", (address) => {
    for (const text of [
      address,
      `<${address}>`,
      `mailto:${address}.`,
      `(${address}),`,
      `"${address}": 1`,
      `…${address}!`,
    ]) {
      expect(found(text)).toEqual([`email ${address}`]);
    }
    expect(found(`${address},${address}; ${address}`)).toHaveLength(3);
  });

  it("in a query, but not the password of a URL", () => {
    expect(found("https://example.com/?to=me@example.com")).toEqual(["email me@example.com"]);
  });
});

it("masks, and leaves everything else as it was", () => {
  const text = "Write to me@example.com or +1 415 555 2671; card 4111 1111 1111 1111, in 1851.";
  expect(maskPii(text, findPii(text))).toBe("Write to <EMAIL> or <PHONE>; card <CARD>, in 1851.");
});

it("gets through long hostile texts, and finds in them what is there", () => {
  const nothing = ["@", "a@", "1 ", "(1", "0-", "+1", "aaaaaaaaa.", "1234567890 ", "a@a.", "4111-"];
  const phones = ["415-555-2671 ", "01 99 00 12 34, "];
  const times = (piece: string): number => Math.floor(400_000 / piece.length);
  // Were one of them searched in quadratic time, this would not end before the test is given up.
  for (const piece of nothing) expect([piece, findPii(piece.repeat(times(piece)))]).toEqual([piece, []]);
  for (const piece of phones) expect(findPii(piece.repeat(times(piece)))).toHaveLength(times(piece));
});
