/** Rows of latents beside the numbers that they are made of, and nearest codes beside brute force. */
import { RandomKey } from "@atelier/engine";
import { expect, it } from "vitest";
import type { ValueRows } from "../value-rows.js";
import { codeRows, nearestCodes, vectorRows, vectorsAt } from "./latent-rows.js";

/** Three codes of two numbers. */
const book = { vectors: Float32Array.of(1, 10, 2, 20, 3, 30), depth: 2 };

const visited = (rows: ValueRows): number[][] => {
  const seen: number[][] = [];
  rows.each((...cell) => seen.push(cell));
  return seen;
};

it("vectors are read where they lie, in any order", () => {
  const rows = vectorRows(Float32Array.of(1, 2, 3, 4, 5, 6), 2);
  expect([rows.length, rows.width]).toEqual([3, 2]);
  expect([...rows.read([2, 0, 2])]).toEqual([5, 6, 1, 2, 5, 6]);
  expect(visited(rows)).toEqual([
    [0, 0, 1],
    [0, 1, 2],
    [1, 0, 3],
    [1, 1, 4],
    [2, 0, 5],
    [2, 1, 6],
  ]);
});

it("codes are read as their vectors, channels first", () => {
  // Two pictures of three places.
  const rows = codeRows(Int32Array.of(0, 2, 1, 1, 1, 0), 3, book);
  expect([rows.length, rows.width]).toEqual([2, 6]);
  expect([...rows.read([1, 0])]).toEqual([2, 2, 1, 20, 20, 10, 1, 3, 2, 10, 30, 20]);
  expect(visited(rows)[4]).toEqual([0, 4, 30]);
});

it("of many, each is gone through once, in order", () => {
  // More than are read at once.
  const codes = Int32Array.from({ length: 3000 }, (_, i) => (i * 7) % 3);
  const cells = visited(codeRows(codes, 2, book));
  expect(cells.map(([row, place]) => 4 * row! + place!)).toEqual(Array.from({ length: 6000 }, (_, i) => i));
  const value = (row: number, place: number): number =>
    book.vectors[2 * codes[2 * row + (place % 2)]! + Math.floor(place / 2)]!;
  expect(cells.every(([row, place, seen]) => seen === value(row!, place!))).toBe(true);
});

it("a vector comes back as the code that is nearest", () => {
  const codes = Int32Array.of(2, 0, 1, 1, 0, 2);
  const exact = vectorsAt(codes, 3, book);
  expect(nearestCodes(exact, 3, book)).toEqual(codes);
  // Codes lie √101 apart.
  expect(
    nearestCodes(
      exact.map((value, i) => value + (i % 2 === 0 ? 3 : -3)),
      3,
      book,
    ),
  ).toEqual(codes);

  const key = RandomKey.fromSeed(1);
  const some = { vectors: key.split("codes").normal(new Float32Array(40 * 3)), depth: 3 };
  const grids = key.split("grids").normal(new Float32Array(5 * 3 * 4));
  const found = nearestCodes(grids, 4, some);
  found.forEach((code, i) => {
    const distanceTo = (other: number): number =>
      [0, 1, 2].reduce((sum, d) => {
        const at = grids[Math.floor(i / 4) * 12 + d * 4 + (i % 4)]!;
        return sum + (at - some.vectors[3 * other + d]!) ** 2;
      }, 0);
    const distances = Array.from({ length: 40 }, (_, other) => distanceTo(other));
    expect(code).toBe(distances.indexOf(Math.min(...distances)));
  });
});
