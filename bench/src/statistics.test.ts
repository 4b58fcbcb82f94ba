import { expect, test } from "vitest";
import { median, range } from "./statistics.js";

test("the median is the middle of the sorted values, or the mean of the two middle ones", () => {
  expect(median([10, 9, 1])).toBe(9);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("the range is the least and the greatest", () => {
  expect(range([2, -1, 7])).toEqual([-1, 7]);
});
