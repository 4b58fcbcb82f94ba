/** Errors at trace time name the operation, the shapes, the place in the model, and the parameters involved. */
import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { type HostTensor, hostTensor } from "./dtype.js";
import { ArgumentError, AtelierError, ShapeError } from "./errors.js";
import { gradients } from "./gradient.js";
import { concat, constant, full, input, iota, type Tensor } from "./graph/tensor.js";
import { uniformIn } from "./numeric.test-helpers.js";
import { attention, rotary, rotaryTable } from "./ops/attention.js";
import { crossEntropy } from "./ops/loss.js";
import { RandomKey } from "./random/index.js";
import { normal, Scope } from "./scope.js";
import type { TreeRecord } from "./tree.js";

const of = (...shape: number[]): Tensor => full(shape, 1);
const ints = (...shape: number[]): Tensor => full(shape, 1, "int32");

function failure(fn: () => unknown): AtelierError {
  try {
    fn();
  } catch (error) {
    if (error instanceof AtelierError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a parameter of the wrong shape", () => {
  const host = (shape: readonly number[]): HostTensor => uniformIn("p", shape);
  const params = { blocks: [{ attention: { qkv: host([100, 300]) } }] };

  const message = async (use: (w: Tensor) => Tensor, freeze: readonly "params"[] = []): Promise<string> => {
    const step = compile(
      ({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => {
        const scope = Scope.over({ params });
        return {
          y: scope
            .at("blocks")
            .at(0, (block) => block.at("attention", (at) => x.matmul(use(at.param("qkv", [100, 300], normal(1)))))),
        };
      },
      { freeze },
    );
    const error: unknown = await step({ params, x: host([12, 64, 128]) } as never).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ShapeError);
    return (error as ShapeError).message;
  };

  it("is named by its path, through scope and compile", async () => {
    expect(await message((w) => w)).toBe(
      "matmul in blocks.0.attention: [12, 64, 128] × [100, 300]: the inner dimensions 128 and 100 differ " +
        '("x", "params.blocks.0.attention.qkv")',
    );
  });

  it("also after it was reshaped, transposed, cut or cast", async () => {
    const moved = await message((w) => w.transpose().reshape([3, 100, 100]).slice(0, 0, 1));
    expect(moved).toContain("[12, 64, 128] × [1, 100, 100]");
    expect(moved).toContain('"params.blocks.0.attention.qkv"');
  });

  it("also where it is frozen into the model", async () => {
    expect(await message((w) => w, ["params"])).toContain('"params.blocks.0.attention.qkv"');
  });

  it("by the scope's path where it is a cut of packed parameters, or was replaced by an interceptor", () => {
    const packed = input("packed", [8], "float32");
    const scope = Scope.over({ params: { mlp: { w: packed.slice(0, 2, 8).reshape([2, 3]) } } }).intercept(
      "mlp.*",
      (w) => w.add(w.mul(2)),
    );
    const error = failure(() => scope.at("mlp", (at) => of(4, 4).matmul(at.param("w", [2, 3], normal(1)))));
    expect(error.message).toBe('matmul in mlp: [4, 4] × [2, 3]: the inner dimensions 4 and 2 differ ("mlp.w")');
  });

  it("in gradients, at the place whose gradient it is", () => {
    const error = failure(() => gradients(of(2), [of(2)]));
    expect(error.message).toContain("[2]");
    expect(error.hint).toContain("mean");
  });
});

describe("every operation says what does not fit", () => {
  const x = input("x", [2, 3], "float32");
  it.each<[string, () => unknown, readonly string[]]>([
    ["add", () => x.add(of(4)), ["add", "[2, 3] and [4]", '"x"']],
    ["types", () => x.add(ints(3)), ["add", "float32 [2, 3]", "int32 [3]"]],
    ["logic of floats", () => x.and(x), ["and", "bool"]],
    ["select", () => x.select(1, 0), ["select", "float32 [2, 3]", "bool"]],
    ["matmul of a vector", () => x.matmul(of(3)), ["matmul", "[2, 3] × [3]", "two axes"]],
    ["matmul of whole numbers", () => x.matmul(ints(3, 2)), ["matmul", "int32"]],
    ["matmul batches", () => of(2, 2, 3).matmul(of(3, 3, 2)), ["matmul", "[2] and [3]"]],
    ["axis", () => x.sum(2), ["axis 2", "[2, 3]", '"x"']],
    ["reshape", () => x.reshape([4, 2]), ["reshape", "[2, 3] has 6", "[4, 2]"]],
    ["reshape, two open", () => x.reshape([-1, -1]), ["reshape", "[-1, -1]"]],
    ["reshape, not whole", () => x.reshape([-1, 4]), ["reshape", "[2, 3] has 6"]],
    ["transpose", () => x.transpose([0, 0]), ["transpose", "[0, 0]", "[2, 3]"]],
    ["transposeLast", () => of(3).transposeLast(), ["transposeLast", "[3]"]],
    ["broadcastTo", () => x.broadcastTo([2, 4]), ["broadcastTo", "[2, 3]", "[2, 4]"]],
    ["broadcastTo fewer", () => x.broadcastTo([3]), ["broadcastTo", "[2, 3]", "[3]"]],
    ["expandDims", () => x.expandDims(4), ["expandDims", "[2, 3]"]],
    ["slice", () => x.slice(1, 2, 5), ["slice", "2…5", "[2, 3]"]],
    ["split", () => x.split([1, 1]), ["split", "1 + 1", "[2, 3]"]],
    ["pad", () => x.pad([1], [1]), ["pad", "[2, 3]"]],
    ["concat", () => concat([x, of(3, 3)], 1), ["concat", "[2, 3] and [3, 3]", "axis 1"]],
    ["gather by floats", () => x.gather(of(2)), ["gather", "float32 [2]", "int32"]],
    ["gatherAlong", () => x.gatherAlong(ints(3, 1)), ["gatherAlong", "[3, 1]", "[2, 3]"]],
    ["max of nothing", () => of(2, 0).max(1), ["reduceMax", "[2, 0]"]],
    ["argMax of nothing", () => of(2, 0).argMax(), ["argMax", "[2, 0]"]],
    ["topK", () => x.topK(4), ["topK", "4", "[2, 3]"]],
    ["sum of bools", () => x.less(0).sum(), ["reduceSum", "bool"]],
    ["cumsum of bools", () => x.less(0).cumsum(), ["cumsum", "bool"]],
    ["softmax of whole numbers", () => ints(3).softmax(), ["softmax", "int32 [3]"]],
    ["exp of whole numbers", () => ints(3).exp(), ["exp", "int32 [3]"]],
    [
      "attention",
      () => attention(of(1, 3, 2, 4), of(1, 2, 2, 4), of(1, 2, 2, 4)),
      ["attention", "[1, 3, 2, 4]", "[1, 2, 2, 4]"],
    ],
    ["rotary", () => rotary(of(2, 3), rotaryTable(2, 2)), ["rotary", "[2, 3]"]],
    ["rotaryTable", () => rotaryTable(2, 3), ["rotaryTable", "3"]],
    ["crossEntropy", () => crossEntropy(x, ints(3)), ["crossEntropy", "[2, 3]", "[3]", '"x"']],
  ])("%s", (_, fn, parts) => {
    const error = failure(fn);
    expect(error).toBeInstanceOf(ShapeError);
    for (const part of parts) expect(error.message).toContain(part);
  });
});

describe("values that do not fit", () => {
  it("a fraction beside whole numbers", () => {
    expect(failure(() => iota(3).mul(0.5))).toBeInstanceOf(ArgumentError);
    expect(failure(() => iota(3).mean()).hint).toContain("cast");
  });
  it("a host tensor whose data do not fill its shape", () => {
    expect(failure(() => hostTensor(new Float32Array(5), [2, 3])).message).toContain("[2, 3]");
  });
  it("a dropout rate of one", () => {
    const scope = Scope.over({ params: {} }, { training: true }).at("mlp");
    expect(failure(() => scope.dropout("drop", of(2), 1)).message).toContain('"mlp.drop" has 1');
  });
  it("an index out of range is reported by the run, typed", async () => {
    const step = compile(({ x, i }: { x: Tensor; i: Tensor }) => ({ y: x.gather(i) }));
    const call = step({ x: uniformIn("x", [3]), i: hostTensor(Int32Array.of(7)) });
    await expect(call).rejects.toBeInstanceOf(AtelierError);
    await step.release();
  });
  it("declares nothing twice in two shapes", () => {
    const twice = (scope: Scope): void => {
      scope.param("w", [2], normal(1));
      scope.param("w", [3], normal(1));
    };
    expect(failure(() => Scope.declare(twice, RandomKey.fromSeed(1))).message).toBe(
      '"w" is declared as [2] and again as [3]',
    );
  });
  it("constants keep their place", () => {
    expect(constant(Float32Array.of(1, 2)).shape).toEqual([2]);
  });
});
