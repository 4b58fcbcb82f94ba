/**
 * Generated shapes: rank 0 to 5, axes of size 0 and 1, every way of broadcasting. Many cases are compiled into one session, and each
 * must give what the oracle gives, values and gradients.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import { compile } from "./compile.js";
import type { HostTensor } from "./dtype.js";
import { gradients } from "./gradient.js";
import { apply, concat, input, scalar, stack, Tensor } from "./graph/tensor.js";
import { expectClose, maskIn, spacedIn, toDense, uniformIn, wholeIn } from "./numeric.test-helpers.js";
import { logSumExp } from "./ops/loss.js";
import { layerNorm, rmsNorm } from "./ops/normalization.js";
import { interpret } from "./reference/index.js";

interface Recipe {
  readonly label: string;
  readonly inputs: readonly HostTensor[];
  readonly fn: (...x: Tensor[]) => Tensor | readonly Tensor[];
}

/** Outputs, then the gradient of the sum of their squares by every float32 input. */
function trace({ fn }: Recipe, x: readonly Tensor[]): Tensor[] {
  const result = fn(...x);
  const outputs = result instanceof Tensor ? [result] : [...result];
  const floats = x.filter((each) => each.dtype === "float32");
  const loss = outputs.filter((y) => y.dtype === "float32").reduce((sum, y) => sum.add(y.square().sum()), scalar(0));
  return [...outputs, ...gradients(loss, floats)];
}

async function compare(recipes: readonly Recipe[]): Promise<void> {
  const named = Object.fromEntries(recipes.map(({ inputs }, i) => [`c${i}`, inputs]));
  const step = compile((x: Record<string, readonly Tensor[]>) =>
    Object.fromEntries(recipes.map((recipe, i) => [`c${i}`, trace(recipe, x[`c${i}`]!)])),
  );
  const actual = await step(named);
  await step.release();
  recipes.forEach((recipe, i) => {
    const bindings = toDense(Object.fromEntries(recipe.inputs.map((x, j) => [`x${j}`, x])));
    const x = recipe.inputs.map(({ shape, dtype }, j) => input(`x${j}`, shape, dtype));
    interpret(trace(recipe, x), bindings).forEach((expected, j) => {
      expectClose(actual[`c${i}`]![j]!, expected, 2e-5, `${recipe.label}, result ${j}`);
    });
  });
}

const CASES = 40;

/** Runs several sessions of many cases each. */
const holdsFor = (recipe: fc.Arbitrary<Recipe>): (() => Promise<void>) => {
  const readable = recipe.map((each) => Object.assign(each, { [fc.toStringMethod]: () => each.label }));
  return () =>
    fc.assert(fc.asyncProperty(fc.array(readable, { minLength: CASES, maxLength: CASES, size: "max" }), compare), {
      numRuns: 4,
      endOnFailure: true,
      seed: 20_240_601,
    });
};

const size = fc.oneof(
  { arbitrary: fc.constant(0), weight: 1 },
  { arbitrary: fc.constant(1), weight: 3 },
  { arbitrary: fc.integer({ min: 2, max: 3 }), weight: 4 },
);
const present = fc.integer({ min: 1, max: 3 });
const shapeOf = (minimum: number, maximum = 5, of = size): fc.Arbitrary<number[]> =>
  fc.array(of, { minLength: minimum, maxLength: maximum, size: "max" });

/** A shape that broadcasts to `shape`: leading axes left out, some others of size 1. */
const shrunk = (shape: readonly number[]): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.integer({ min: 0, max: shape.length }), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }))
    .map(([lead, ones]) => shape.slice(lead).map((n, i) => (ones[i] === true ? 1 : n)));

const show = (name: string, ...shapes: readonly (readonly number[])[]): string =>
  `${name} ${shapes.map((shape) => `[${shape.join(",")}]`).join(" ")}`;

/** Several things to do with one shape and one of its axes. */
function onAxis(
  table: Readonly<Record<string, (x: Tensor, axis: number) => Tensor | readonly Tensor[]>>,
  shapes: fc.Arbitrary<number[]>,
): fc.Arbitrary<Recipe> {
  return fc.tuple(shapes, fc.nat(4), fc.constantFrom(...Object.keys(table))).map(([shape, pick, name]) => {
    const axis = pick % Math.max(1, shape.length);
    return {
      label: show(`${name} on ${axis}`, shape),
      inputs: [spacedIn(name, shape)],
      fn: (x) => table[name]!(x, axis),
    };
  });
}

describe("generated shapes", () => {
  const operations: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
    add: (a, b) => a.add(b),
    sub: (a, b) => a.sub(b),
    mul: (a, b) => a.mul(b),
    div: (a, b) => a.div(b.add(3)),
    maximum: (a, b) => a.maximum(b),
    minimum: (a, b) => a.minimum(b),
    pow: (a, b) => a.add(3).pow(b),
    less: (a, b) => a.less(b),
    equal: (a, b) => a.floor().equal(b.floor()),
    and: (a, b) => a.less(0).and(b.less(0)),
    chain: (a, b) => a.mul(0.5).sub(b.tanh()).exp().add(a.sigmoid().mul(b.sin())),
  };
  it(
    "elementwise, with broadcasting",
    holdsFor(
      shapeOf(0).chain((shape) =>
        fc.tuple(shrunk(shape), shrunk(shape), fc.constantFrom(...Object.keys(operations))).map(([a, b, name]) => ({
          label: show(name, a, b),
          inputs: [uniformIn("a", a), uniformIn("b", b)],
          fn: (x, y) => operations[name]!(x!, y!),
        })),
      ),
    ),
  );

  it(
    "select",
    holdsFor(
      shapeOf(0).chain((shape) =>
        fc.tuple(shrunk(shape), shrunk(shape), shrunk(shape)).map(([c, a, b]) => ({
          label: show("select", c, a, b),
          inputs: [maskIn("c", c), uniformIn("a", a), uniformIn("b", b)],
          fn: (condition, x, y) => condition!.select(x!, y!),
        })),
      ),
    ),
  );

  const sums = { sum: (x: Tensor, axes: number[], keep: boolean) => x.sum(axes, keep) };
  const extremes = {
    ...sums,
    max: (x: Tensor, axes: number[], keep: boolean) => x.max(axes, keep),
    min: (x: Tensor, axes: number[], keep: boolean) => x.min(axes, keep),
    mean: (x: Tensor, axes: number[], keep: boolean) => x.mean(axes, keep),
  };
  const reductions = (table: typeof sums, shapes: fc.Arbitrary<number[]>): fc.Arbitrary<Recipe> =>
    fc
      .tuple(
        shapes,
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        fc.boolean(),
        fc.constantFrom(...Object.keys(table)),
      )
      .map(([shape, picked, keep, name]) => {
        const axes = shape.flatMap((_, i) => (picked[i] === true ? [i] : []));
        return {
          label: show(`${name} over ${axes.join("+")}`, shape),
          inputs: [spacedIn("reduced", shape)],
          fn: (x) => table[name as keyof typeof table](x!, axes, keep),
        };
      });
  it("sums, also over nothing", holdsFor(reductions(sums, shapeOf(0))));
  it("reductions of something", holdsFor(reductions(extremes, shapeOf(0, 5, present))));

  it(
    "matrix products, transposed or not, in broadcast batches",
    holdsFor(
      fc
        .tuple(shapeOf(0, 3), size, size, size, fc.boolean(), fc.boolean())
        .chain(([batch, m, k, n, transposeA, transposeB]) =>
          fc.tuple(shrunk(batch), shrunk(batch)).map(([left, right]) => {
            const a = [...left, ...(transposeA ? [k, m] : [m, k])];
            const b = [...right, ...(transposeB ? [n, k] : [k, n])];
            return {
              label: show(`matmul ${transposeA} ${transposeB}`, a, b),
              inputs: [uniformIn("a", a), uniformIn("b", b), uniformIn("bias", [n])],
              fn: (x, y, bias) =>
                (transposeA ? x!.transposeLast() : x!)
                  .matmul(transposeB ? y!.transposeLast() : y!)
                  .mul(0.5)
                  .add(bias!),
            };
          }),
        ),
    ),
  );

  it(
    "movement",
    holdsFor(
      onAxis(
        {
          reshape: (x, axis) => x.reshape([...x.shape.slice(axis), ...x.shape.slice(0, axis)]),
          flatten: (x) => x.reshape([x.shape.reduce((a, b) => a * b, 1)]),
          transpose: (x) => x.transpose(),
          rotateAxes: (x) => x.transpose(x.shape.map((_, i) => (i + 1) % x.rank)),
          expandDims: (x, axis) => x.expandDims(axis),
          broadcastTo: (x) => x.broadcastTo([2, ...x.shape]),
          concat: (x, axis) => (x.rank === 0 ? stack([x, x]) : concat([x, x.mul(2), x], axis)),
          stack: (x, axis) => stack([x, x.exp()], axis),
          slice: (x, axis) => (x.rank === 0 ? x : x.slice(axis, Math.min(1, x.shape[axis]!))),
          sliceToNothing: (x, axis) => (x.rank === 0 ? x : x.slice(axis, 0, 0)),
          joinNothing: (x, axis) => (x.rank === 0 ? x : concat([x.slice(axis, 0, 0), x], axis)),
          split: (x, axis) => {
            if (x.rank === 0) return x;
            const [n, first] = [x.shape[axis]!, Math.min(1, x.shape[axis]!)];
            return x.split([first, 0, n - first], axis);
          },
          pad: (x, axis) =>
            x.pad(
              x.shape.map((_, i) => (i === axis ? 2 : 0)),
              x.shape.map((_, i) => i % 2),
            ),
          reverse: (x, axis) => (x.rank === 0 ? x : x.reverse(axis)),
          castAndBack: (x) => x.cast("int32").cast("float32").add(x.floor()),
        },
        shapeOf(0, 4),
      ),
    ),
  );

  it(
    "along an axis: softmax, running sums, normalisation",
    holdsFor(
      onAxis(
        {
          softmax: (x, axis) => x.softmax(axis),
          logSoftmax: (x, axis) => x.logSoftmax(axis),
          cumsum: (x, axis) => x.cumsum(axis),
          fromTheEnd: (x, axis) => apply("cumsum", [x], { axis, reverse: true }),
          layerNorm: (x) => layerNorm(x, undefined, undefined, 0.1),
          rmsNorm: (x) => rmsNorm(x, undefined, 0.1),
        },
        shapeOf(1),
      ),
    ),
  );

  it(
    "along a last axis that has elements: extremes, order, log Σ exp",
    holdsFor(
      onAxis(
        {
          argMax: (x) => x.argMax(),
          topK: (x) => Object.values(x.topK(1)),
          sorted: (x) => Object.values(x.topK(x.shape.at(-1)!)),
          logSumExp: (x) => logSumExp(x),
        },
        fc.tuple(shapeOf(0, 4), present).map(([lead, last]) => [...lead, last]),
      ),
    ),
  );

  const indexed = fc
    .tuple(shapeOf(1, 4), fc.nat(4), present, shapeOf(0, 2), size)
    .map(([shape, pick, length, indexShape, count]) => {
      const axis = pick % shape.length;
      const source = shape.map((n, i) => (i === axis ? length : n));
      return { axis, length, source, indexShape, aligned: shape.map((n, i) => (i === axis ? count : n)) };
    });
  it(
    "gather",
    holdsFor(
      indexed.map(({ axis, length, source, indexShape }) => ({
        label: show(`gather on ${axis}`, source, indexShape),
        inputs: [uniformIn("x", source), wholeIn("i", indexShape, length)],
        fn: (x, i) => x!.gather(i!, axis),
      })),
    ),
  );
  it(
    "gather and scatter along an axis",
    holdsFor(
      indexed.map(({ axis, length, source, aligned }) => ({
        label: show(`along ${axis}`, source, aligned),
        inputs: [uniformIn("x", source), uniformIn("u", aligned), wholeIn("i", aligned, length)],
        fn: (x, u, i) => [x!.gatherAlong(i!, axis), apply("scatterAlong", [u!, i!], { axis, size: length })],
      })),
    ),
  );
  it(
    "scatter of rows, one-hot",
    holdsFor(
      indexed.map(({ length, source, indexShape }) => ({
        label: show("scatterAdd", source, indexShape),
        inputs: [uniformIn("u", [...indexShape, ...source]), wholeIn("i", indexShape, length)],
        fn: (u, i) => [apply("scatterAdd", [u!, i!], { size: length }), i!.oneHot(length)],
      })),
    ),
  );
});
