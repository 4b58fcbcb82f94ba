import { describe, expect, it } from "vitest";
import { compile, RandomKey, Scope } from "./index.js";

describe("Scope.over with draws", () => {
  it("lets two networks draw under the same path, each its own numbers and shape", async () => {
    const noise = { kind: "normal", mean: 0, standardDeviation: 1 } as const;
    const draw = compile((_: { readonly none: Record<string, never> }) => ({
      first: Scope.over({ params: {} }, { draws: "a." }).random("noise", [4], noise),
      second: Scope.over({ params: {} }, { draws: "b." }).random("noise", [2, 2], noise),
    }));
    const { first, second } = await draw({ none: {} }, { keys: RandomKey.fromSeed(1) });
    const expected = RandomKey.fromSeed(1).split("a.noise").normal(new Float32Array(4));
    expect([...first.data]).toEqual([...expected]);
    expect([...second.data]).not.toEqual([...first.data]);
    await draw.release();
  });
});
