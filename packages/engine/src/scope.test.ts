import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { ArgumentError, ShapeError } from "./errors.js";
import { gradients } from "./gradient.js";
import { full, input, type Tensor } from "./graph/tensor.js";
import { toDense, uniformIn } from "./numeric.test-helpers.js";
import { RandomKey } from "./random/index.js";
import { interpret } from "./reference/index.js";
import { type Interceptor, normal, ones, Scope, uniform, zeros } from "./scope.js";
import { flattenTree, type TreeRecord } from "./tree.js";

const key = RandomKey.fromSeed(9);

const linear = (scope: Scope, x: Tensor, outputs: number): Tensor =>
  x.matmul(scope.param("weight", [x.shape.at(-1)!, outputs], normal(0.3))).add(scope.param("bias", [outputs], zeros));

const model = (scope: Scope): Tensor => linear(scope.at("head"), linear(scope.at("body"), full([1, 3], 1), 4), 2);

describe("declaring", () => {
  it("finds every parameter under its path", () => {
    const { params } = Scope.declare(model, key);
    expect(flattenTree(params).map(([path, x]) => [path, ...x.shape])).toEqual([
      ["body.bias", 4],
      ["body.weight", 3, 4],
      ["head.bias", 2],
      ["head.weight", 4, 2],
    ]);
  });

  it("fills the same numbers whatever the order of declaration, and others for another key", () => {
    const a = (scope: Scope): Tensor => scope.at("a").param("w", [5], normal(1));
    const b = (scope: Scope): Tensor => scope.at("b").param("w", [5], uniform(2));
    const forwards = Scope.declare((scope) => [a(scope), b(scope)], key).params;
    expect(Scope.declare((scope) => [b(scope), a(scope)], key).params).toEqual(forwards);
    expect(Scope.declare((scope) => b(scope), key).params).toEqual({ b: forwards.b });
    expect(Scope.declare(a, RandomKey.fromSeed(10)).params).not.toEqual({ a: forwards.a });
  });

  it("fills as told", () => {
    const { params, buffers } = Scope.declare((scope) => {
      scope.param("one", [2], ones);
      scope.param("wide", [20_000], normal(0.5));
      scope.param("flat", [20_000], uniform(0.5));
      scope.buffer("count", [2], zeros);
    }, key);
    const moments = (name: string): number[] => {
      const data = Float32Array.from(flattenTree(params).find(([path]) => path === name)![1].data);
      const mean = data.reduce((a, b) => a + b, 0) / data.length;
      return [mean, Math.sqrt([...data].reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length)];
    };
    expect(moments("one")).toEqual([1, 0]);
    expect(moments("wide")[0]).toBeCloseTo(0, 1);
    expect(moments("wide")[1]).toBeCloseTo(0.5, 1);
    expect(moments("flat")[1]).toBeCloseTo(0.5 / Math.sqrt(3), 1);
    expect(flattenTree(buffers)[0]![0]).toBe("count");
  });
});

describe("over trees", () => {
  const given = (): TreeRecord<Tensor> => ({ w: input("w", [2, 3], "float32") });

  it("says which parameter is missing, and which has another shape", () => {
    const scope = Scope.over({ params: given() });
    expect(() => scope.at("mlp").param("w", [2], ones)).toThrow(
      new ArgumentError('The model has no parameter "mlp.w"'),
    );
    expect(() => scope.param("w", [3, 2], ones)).toThrow(
      new ShapeError('The parameter "w" has the shape [2, 3], and the model asks for [3, 2]'),
    );
    expect(() => scope.buffer("mean", [2], ones)).toThrow('no buffer "mean"');
  });

  it("trains low-rank updates of a frozen weight by interception (LoRA), with no change to the model", () => {
    const weight = input("weight", [3, 2], "float32");
    const [down, up] = [input("down", [3, 1], "float32"), input("up", [1, 2], "float32")];
    const seen: string[] = [];
    const adapters = Scope.over({ params: { layer: { weight: { down, up } } } });
    const adapted = Scope.over({ params: { layer: { weight, bias: input("bias", [2], "float32") } } }).intercept(
      "layer.w*",
      (value, { path, shape: [rows, columns] }) => {
        seen.push(path);
        const lora = adapters.at(path);
        const update = lora.param("down", [rows!, 1], normal(1)).matmul(lora.param("up", [1, columns!], zeros));
        return value.stopGradient().add(update);
      },
    );
    const y = linear(adapted.at("layer"), full([1, 3], 1), 2).sum();
    const [byWeight, byDown] = gradients(y, [weight, down]);
    const values = interpret(
      [y, byWeight!, byDown!],
      toDense({
        weight: uniformIn("weight", [3, 2]),
        bias: uniformIn("bias", [2]),
        down: uniformIn("down", [3, 1]),
        up: uniformIn("up", [1, 2]),
      }),
    );
    const total = (x: Float32Array): number => x.reduce((a, b) => a + b, 0);
    const of = (name: string, shape: number[]): number => total(uniformIn(name, shape).data as Float32Array);
    const expected = of("weight", [3, 2]) + of("bias", [2]) + of("down", [3, 1]) * of("up", [1, 2]);
    expect(values[0]!.data[0]).toBeCloseTo(expected, 5);
    expect([...values[1]!.data]).toEqual([0, 0, 0, 0, 0, 0]);
    for (const slope of values[2]!.data) expect(slope).toBeCloseTo(of("up", [1, 2]), 5);
    expect(seen).toEqual(["layer.weight"]);
  });

  it("a star stands for one part of a path, and other signs for themselves", () => {
    const seen: string[] = [];
    const params = { a: { w: full([1], 1), b: { w: full([1], 1) } }, "a+w": full([1], 1) };
    const note = (mark: string): Interceptor => {
      return (x, { path }) => {
        seen.push(`${mark} ${path}`);
        return x;
      };
    };
    const scope = Scope.over({ params }).intercept("a*w", note("any")).intercept("a.*", note("a"));
    scope.at("a").param("w", [1], ones);
    scope.at("a").at("b").param("w", [1], ones);
    scope.param("a+w", [1], ones);
    expect(seen).toEqual(["a a.w", "any a+w"]);
  });

  it("keeps buffers out of gradients and hands back what they became", async () => {
    const step = compile(
      ({ params, buffers, x }: { params: TreeRecord<Tensor>; buffers: TreeRecord<Tensor>; x: Tensor }) => {
        const scope = Scope.over({ params, buffers }, { training: true });
        const at = scope.at("norm");
        const mean = at.buffer("mean", [2], zeros);
        at.setBuffer("mean", mean.mul(0.5).add(x.mul(0.5)));
        const y = x
          .sub(at.buffer("mean", [2], zeros))
          .mul(scope.param("scale", [2], ones))
          .sum();
        return { y, grads: gradients(y, [mean, x]), mean: scope.updatedBuffers.get("norm.mean")! };
      },
    );
    const out = await step({
      params: { scale: uniformIn("scale", [2], 2, 2) },
      buffers: { norm: { mean: uniformIn("mean", [2], 4, 4) } },
      x: uniformIn("x", [2], 8, 8),
    });
    await step.release();
    expect([...out.mean.data]).toEqual([6, 6]);
    expect(out.y.data[0]).toBe(8);
    expect([...out.grads[0]!.data, ...out.grads[1]!.data]).toEqual([0, 0, 2, 2]);
  });
});

describe("random tensors", () => {
  const uniformly = { kind: "uniform", low: 0, high: 1 } as const;
  const drawing = (...names: string[]) =>
    compile((_: Record<string, Tensor>) => {
      const scope = Scope.over({ params: {} });
      return Object.fromEntries(names.map((name) => [name, scope.at("part").random(name, [4], uniformly)]));
    });

  it("are keyed by seed, step and path, whatever else is drawn", async () => {
    const [one, two] = [drawing("a"), drawing("b", "a")];
    const first = (await one({}, { keys: key.at(0) })).a!.data;
    expect((await two({}, { keys: key.at(0) })).a!.data).toEqual(first);
    expect((await two({}, { keys: { base: key, from: 0 } })).a!.data).toEqual(first);
    expect((await two({}, { keys: key.at(0) })).b!.data).not.toEqual(first);
    expect((await one({}, { keys: key.at(1) })).a!.data).not.toEqual(first);
    expect((await one({}, { keys: RandomKey.fromSeed(8).at(0) })).a!.data).not.toEqual(first);
    expect(first).toEqual(key.at(0).split("part.a").uniform(new Float32Array(4)));
  });

  it("need keys, and names of their own", async () => {
    await expect(drawing("a")({})).rejects.toThrow('"part.a"');
    await expect(drawing("a", "a")({}, { keys: key })).rejects.toThrow('"part.a" is drawn twice');
  });

  it("dropout acts only while training, keeps the mean, and zeroes the share it says", async () => {
    const drop = (training: boolean) =>
      compile(({ x }: { x: Tensor }) => ({ y: Scope.over({ params: {} }, { training }).dropout("drop", x, 0.3) }));
    const x = uniformIn("ones", [20_000], 1, 1);
    expect((await drop(false)({ x })).y.data).toEqual(x.data);
    const { data } = (await drop(true)({ x }, { keys: key })).y;
    const kept = [...data].filter((value) => value !== 0);
    expect(kept.length / data.length).toBeCloseTo(0.7, 1);
    for (const value of kept) expect(value).toBeCloseTo(1 / 0.7, 5);
  });
});
