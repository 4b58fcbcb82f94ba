import { RandomKey } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { Order } from "./order.js";

const key = RandomKey.fromSeed(5);
const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

describe("the order of pictures", () => {
  it("shows every picture once in each pass, and each pass in another order", () => {
    const order = new Order(10, key);
    const seen = Array.from({ length: 5 }, (_, step) => [...order.batch(step, 4)]).flat();
    const [first, second] = [seen.slice(0, 10), seen.slice(10)];
    expect(sorted(first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sorted(second)).toEqual(sorted(first));
    expect(second).not.toEqual(first);
  });

  it("follows from the key and the step alone", () => {
    const [there, back] = [new Order(7, key), new Order(7, key)];
    const forwards = Array.from({ length: 60 }, (_, step) => [...there.batch(step, 3)]);
    const backwards = Array.from({ length: 60 }, (_, i) => [...back.batch(59 - i, 3)]).reverse();
    expect(forwards).toEqual(backwards);
    expect([...new Order(7, RandomKey.fromSeed(6)).batch(0, 7)]).not.toEqual(forwards[0]);
  });

  it("fills a batch from several passes where there are fewer pictures than rows", () => {
    expect(sorted(new Order(2, key).batch(0, 6))).toEqual([0, 0, 0, 1, 1, 1]);
  });
});
