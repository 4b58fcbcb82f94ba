import { ArgumentError, compile, full, hostTensor, type Tensor } from "@atelier/engine";
import { expect, it } from "vitest";
import { pixelShuffle, pixelUnshuffle } from "./pixel-shuffle.js";

it.each<[number, number[], number[], number[]]>([
  // torch.nn.functional.pixel_shuffle(torch.arange(…).reshape(…), …) of PyTorch 2.13.0
  [2, [1, 8, 1, 2], [1, 2, 2, 4], [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15]],
  [3, [1, 9, 1, 1], [1, 1, 3, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  [2, [2, 4, 2, 1], [2, 1, 4, 2], [0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15]],
])("by %d of %j is PyTorch's", async (factor, from, to, expected) => {
  const run = compile(({ x }: { x: Tensor }) => ({
    y: pixelShuffle(x, factor),
    back: pixelUnshuffle(pixelShuffle(x, factor), factor),
  }));
  const { y, back } = await run({ x: hostTensor(Float32Array.from(expected.keys()), from) });
  await run.release();
  expect(y.shape).toEqual(to);
  expect([...y.data]).toEqual(expected);
  expect(back.shape).toEqual(from);
  expect([...back.data]).toEqual([...expected.keys()]);
});

it("refuses channels that are no squares of pixels", () => {
  expect(() => pixelShuffle(full([1, 6, 2, 2], 0), 2)).toThrow(ArgumentError);
  expect(() => pixelShuffle(full([4, 2, 2], 0), 2)).toThrow("(B, C · 2², H, W) is needed, got [4, 2, 2]");
  expect(() => pixelUnshuffle(full([1, 3, 4, 3], 0), 2)).toThrow("(B, C, 2 · H, 2 · W) is needed, got [1, 3, 4, 3]");
});
