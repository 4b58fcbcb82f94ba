import { hostTensor } from "@atelier/engine";
import { afterAll, describe, expect, it } from "vitest";
import type { ModelState } from "../training/subject.js";
import { RowPass, tensorRows } from "./row-pass.js";

const state: ModelState = {
  params: { weight: hostTensor(Float32Array.of(2), []) },
  buffers: { shift: hostTensor(Float32Array.of(10), []) },
};

describe("RowPass", () => {
  const pass = new RowPass((scope, { x }) => {
    const weight = scope.param("weight", [], () => new Float32Array(1));
    const shift = scope.buffer("shift", [], () => new Float32Array(1));
    return { y: x!.mul(weight).add(shift), nearest: x!.argMax(1) };
  }, {});
  afterAll(() => pass.release());

  it.each([1, 127, 128, 129, 300])("gives the rows of %d in order, however they fall into batches", async (total) => {
    const values = Float32Array.from({ length: 2 * total }, (_, i) => i % 7);
    const seen: number[] = [];
    const { y, nearest } = await pass.run(state, total, (batch) => ({ x: tensorRows(values, batch, [2]) }), {
      onProgress: (done) => seen.push(done),
    });
    expect([...y]).toEqual([...values].map((value) => 2 * value + 10));
    expect(nearest).toBeInstanceOf(Int32Array);
    expect([...nearest]).toEqual(
      Array.from({ length: total }, (_, i) => (values[2 * i + 1]! > values[2 * i]! ? 1 : 0)),
    );
    expect(seen.at(-1)).toBe(total);
  });

  it("stops where it is told to", async () => {
    const read = () => ({ x: hostTensor(new Float32Array(2), [1, 2]) });
    await expect(pass.run(state, 1, read, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
