/** Elementwise primitives: arithmetic, comparison, logic and selection, broadcasting as NumPy does. */
import type { DType } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { type Dense, definePrimitive, type ValueSpec } from "../graph/primitive.js";
import type { Tensor } from "../graph/tensor.js";
import { ONNX_TYPE, type OnnxBuilder } from "../onnx/builder.js";
import { at, tabulate } from "../reference/dense.js";
import { erf } from "../reference/erf.js";
import { broadcastAxes, broadcastShapes, describeShape, equalShapes } from "../shape.js";

/** The cotangent of an operand that was broadcast: summed over the axes along which it was stretched. */
export function unbroadcast(cotangent: Tensor, shape: readonly number[]): Tensor {
  if (equalShapes(cotangent.shape, shape)) return cotangent;
  const axes = broadcastAxes(shape, cotangent.shape);
  return (axes.length === 0 ? cotangent : cotangent.sum(axes, true)).reshape(shape);
}

const broadcastSpec = (inputs: readonly ValueSpec[], dtype: DType): ValueSpec[] => [
  { shape: broadcastShapes(...inputs.map((x) => x.shape)), dtype },
];

function expectTypes(inputs: readonly ValueSpec[], allowed: readonly DType[]): void {
  const [first, ...others] = inputs;
  for (const other of others) {
    if (other.dtype !== first!.dtype) {
      throw new ShapeError(
        `operands of types ${inputs.map((x) => `${x.dtype} ${describeShape(x.shape)}`).join(" and ")}; both must be of one type`,
        { hint: "Convert one of them with .cast()." },
      );
    }
  }
  if (!allowed.includes(first!.dtype)) {
    throw new ShapeError(
      `an operand of type ${first!.dtype} ${describeShape(first!.shape)}; ${allowed.join(" or ")} is needed`,
    );
  }
}

const evaluateWith =
  (fn: (...values: number[]) => number) =>
  ({ inputs, outputSpecs }: { inputs: readonly Dense[]; outputSpecs: readonly ValueSpec[] }): Float64Array[] => [
    tabulate(outputSpecs[0]!.shape, (index) => fn(...inputs.map((x) => at(x, index)))),
  ];

interface UnaryDefinition {
  readonly onnx: string;
  readonly summary: string;
  readonly value: (x: number) => number;
  /** d/dx times the cotangent, given x and y = f(x). Absent where the derivative is zero or undefined everywhere. */
  readonly gradient?: (cotangent: Tensor, x: Tensor, y: Tensor) => Tensor;
  readonly types?: readonly DType[];
  /** For targets that lack the operator (for a type). */
  readonly decompose?: (builder: OnnxBuilder, x: string, dtype: DType) => string;
}

function defineUnary(
  name: string,
  { onnx, summary, value, gradient, types = ["float32"], decompose }: UnaryDefinition,
): void {
  definePrimitive({
    name,
    summary,
    infer(inputs) {
      expectTypes(inputs, types);
      return [{ shape: inputs[0]!.shape, dtype: inputs[0]!.dtype }];
    },
    ...(gradient === undefined
      ? {}
      : { gradient: ({ cotangent, inputs, outputs }) => [gradient(cotangent, inputs[0]!, outputs[0]!)] }),
    lower({ builder, inputs, inputSpecs }) {
      const { dtype } = inputSpecs[0]!;
      if (decompose !== undefined && builder.lacks(onnx, dtype)) return [decompose(builder, inputs[0]!, dtype)];
      return [builder.node(onnx, inputs)];
    },
    evaluate: evaluateWith(value),
  });
}

defineUnary("neg", {
  onnx: "Neg",
  decompose: (builder, x, dtype) => builder.node("Sub", [builder.scalar(0, dtype), x]),
  summary: "−x",
  value: (x) => -x,
  gradient: (g) => g.neg(),
  types: ["float32", "int32"],
});
defineUnary("exp", { onnx: "Exp", summary: "eˣ", value: Math.exp, gradient: (g, _, y) => g.mul(y) });
defineUnary("log", { onnx: "Log", summary: "natural logarithm", value: Math.log, gradient: (g, x) => g.div(x) });
defineUnary("sqrt", {
  onnx: "Sqrt",
  summary: "square root",
  value: Math.sqrt,
  gradient: (g, _, y) => g.mul(0.5).div(y),
});
defineUnary("reciprocal", {
  onnx: "Reciprocal",
  summary: "1 / x",
  value: (x) => 1 / x,
  gradient: (g, _, y) => g.mul(y.square()).neg(),
});
defineUnary("sin", { onnx: "Sin", summary: "sine", value: Math.sin, gradient: (g, x) => g.mul(x.cos()) });
defineUnary("cos", { onnx: "Cos", summary: "cosine", value: Math.cos, gradient: (g, x) => g.mul(x.sin()).neg() });
defineUnary("tanh", {
  onnx: "Tanh",
  summary: "hyperbolic tangent",
  value: Math.tanh,
  gradient: (g, _, y) => g.sub(g.mul(y.square())),
});
defineUnary("sigmoid", {
  onnx: "Sigmoid",
  summary: "1 / (1 + e⁻ˣ)",
  value: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (g, _, y) => g.mul(y.sub(y.square())),
});
defineUnary("erf", {
  onnx: "Erf",
  summary: "error function",
  value: erf,
  gradient: (g, x) =>
    g.mul(
      x
        .square()
        .neg()
        .exp()
        .mul(2 / Math.sqrt(Math.PI)),
    ),
});
/**
 * One primitive rather than a composition of erf, because its gradient is made of x alone: while training, no scaled copy of x has to be
 * kept for it (GELU keeps one such tensor a layer, of the width of the MLP).
 */
definePrimitive({
  name: "normalCdf",
  summary: "Φ(x), the cumulative distribution of the standard normal",
  infer(inputs) {
    expectTypes(inputs, ["float32"]);
    return [{ shape: inputs[0]!.shape, dtype: "float32" }];
  },
  gradient: ({ cotangent, inputs: [x] }) => [
    cotangent.mul(
      x!
        .square()
        .mul(-0.5)
        .exp()
        .mul(1 / Math.sqrt(2 * Math.PI)),
    ),
  ],
  lower({ builder, inputs }) {
    const scaled = builder.node("Mul", [inputs[0]!, builder.scalar(Math.SQRT1_2)]);
    const half = builder.node("Mul", [builder.node("Erf", [scaled]), builder.scalar(0.5)]);
    return [builder.node("Add", [half, builder.scalar(0.5)])];
  },
  evaluate: evaluateWith((x) => 0.5 * (1 + erf(x! * Math.SQRT1_2))),
});

defineUnary("floor", { onnx: "Floor", summary: "largest whole number not above x; gradient zero", value: Math.floor });
defineUnary("abs", {
  onnx: "Abs",
  decompose: (builder, x, dtype) => builder.node("Max", [x, builder.node("Sub", [builder.scalar(0, dtype), x])]),
  summary: "|x|",
  value: Math.abs,
  gradient: (g, x) => g.mul(x.sign()),
  types: ["float32", "int32"],
});
defineUnary("not", { onnx: "Not", summary: "logical not", value: (x) => (x === 0 ? 1 : 0), types: ["bool"] });

definePrimitive({
  name: "sign",
  summary: "−1, 0 or 1; gradient zero",
  infer(inputs) {
    expectTypes(inputs, ["float32"]);
    return [{ shape: inputs[0]!.shape, dtype: "float32" }];
  },
  lower({ builder, inputs }) {
    if (!builder.lacks("Sign")) return [builder.node("Sign", inputs)];
    const zero = builder.scalar(0);
    const positive = builder.node("Cast", [builder.node("Greater", [inputs[0]!, zero])], { to: ONNX_TYPE.float32 });
    const negative = builder.node("Cast", [builder.node("Less", [inputs[0]!, zero])], { to: ONNX_TYPE.float32 });
    return [builder.node("Sub", [positive, negative])];
  },
  evaluate: evaluateWith(Math.sign),
});

interface BinaryDefinition {
  readonly onnx: string;
  readonly summary: string;
  readonly value: (a: number, b: number) => number;
  readonly gradient?: (cotangent: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor];
  readonly types?: readonly DType[];
  readonly result?: DType;
  /** For targets that lack the operator (for a type). */
  readonly decompose?: (builder: OnnxBuilder, a: string, b: string) => string;
}

function defineBinary(
  name: string,
  { onnx, summary, value, gradient, types = ["float32", "int32"], result, decompose }: BinaryDefinition,
): void {
  definePrimitive({
    name,
    summary,
    infer(inputs) {
      expectTypes(inputs, types);
      return broadcastSpec(inputs, result ?? inputs[0]!.dtype);
    },
    ...(gradient === undefined
      ? {}
      : {
          gradient: ({ cotangent, inputs: [a, b], outputs }) => {
            const [da, db] = gradient(cotangent, a!, b!, outputs[0]!);
            return [unbroadcast(da, a!.shape), unbroadcast(db, b!.shape)];
          },
        }),
    lower({ builder, inputs, inputSpecs }) {
      if (decompose !== undefined && builder.lacks(onnx, inputSpecs[0]!.dtype)) {
        return [decompose(builder, inputs[0]!, inputs[1]!)];
      }
      return [builder.node(onnx, inputs)];
    },
    evaluate: evaluateWith(value as (...values: number[]) => number),
  });
}

/** a ∨ b = ¬(¬a ∧ ¬b) */
function lowerOr(builder: OnnxBuilder, a: string, b: string): string {
  if (!builder.lacks("Or", "bool")) return builder.node("Or", [a, b]);
  return builder.node("Not", [builder.node("And", [builder.node("Not", [a]), builder.node("Not", [b])])]);
}

defineBinary("add", { onnx: "Add", summary: "a + b", value: (a, b) => a + b, gradient: (g) => [g, g] });
defineBinary("sub", { onnx: "Sub", summary: "a − b", value: (a, b) => a - b, gradient: (g) => [g, g.neg()] });
defineBinary("mul", {
  onnx: "Mul",
  summary: "a × b",
  value: (a, b) => a * b,
  gradient: (g, a, b) => [g.mul(b), g.mul(a)],
});
defineBinary("div", {
  onnx: "Div",
  summary: "a / b",
  value: (a, b) => a / b,
  types: ["float32"],
  gradient: (g, _, b, y) => [g.div(b), g.mul(y).div(b).neg()],
});
defineBinary("pow", {
  onnx: "Pow",
  summary: "aᵇ, for a > 0 where the gradient of b is wanted",
  value: Math.pow,
  types: ["float32"],
  gradient: (g, a, b, y) => [g.mul(b).mul(a.pow(b.sub(1))), g.mul(y).mul(a.log())],
});
// Where both are equal, all of the gradient goes to the first.
defineBinary("maximum", {
  onnx: "Max",
  summary: "the larger",
  value: Math.max,
  gradient: (g, a, b) => [a.less(b).select(0, g), a.less(b).select(g, 0)],
});
defineBinary("minimum", {
  onnx: "Min",
  summary: "the smaller",
  value: Math.min,
  gradient: (g, a, b) => [b.less(a).select(0, g), b.less(a).select(g, 0)],
});
defineBinary("equal", {
  onnx: "Equal",
  summary: "a = b",
  value: (a, b) => (a === b ? 1 : 0),
  types: ["float32", "int32", "bool"],
  result: "bool",
  // Of bools: as int32.
  decompose: (builder, a, b) =>
    builder.node("Equal", [builder.cast(a, "bool", "int32"), builder.cast(b, "bool", "int32")]),
});
defineBinary("less", { onnx: "Less", summary: "a < b", value: (a, b) => (a < b ? 1 : 0), result: "bool" });
defineBinary("lessEqual", { onnx: "LessOrEqual", summary: "a ≤ b", value: (a, b) => (a <= b ? 1 : 0), result: "bool" });
defineBinary("and", { onnx: "And", summary: "logical and", value: (a, b) => a * b, types: ["bool"] });
defineBinary("or", {
  onnx: "Or",
  summary: "logical or",
  value: (a, b) => Math.max(a, b),
  types: ["bool"],
  decompose: lowerOr,
});

definePrimitive({
  name: "select",
  summary: "where(condition, a, b)",
  infer([condition, a, b]) {
    expectTypes([condition!], ["bool"]);
    expectTypes([a!, b!], ["float32", "int32"]);
    return broadcastSpec([condition!, a!, b!], a!.dtype);
  },
  gradient: ({ cotangent, inputs: [condition, a, b] }) => [
    undefined,
    unbroadcast(condition!.select(cotangent, 0), a!.shape),
    unbroadcast(condition!.select(0, cotangent), b!.shape),
  ],
  lower: ({ builder, inputs }) => [builder.node("Where", inputs)],
  evaluate: evaluateWith((condition, a, b) => (condition ? a! : b!)),
});

definePrimitive<{ dtype: DType }>({
  name: "cast",
  summary: "changes the data type; float32 → int32 truncates",
  infer: ([x], { dtype }) => [{ shape: x!.shape, dtype }],
  gradient: ({ cotangent, inputs: [x] }) => [x!.dtype === "float32" ? cotangent : undefined],
  lower: ({ builder, inputs, attributes }) => [builder.node("Cast", inputs, { to: ONNX_TYPE[attributes.dtype] })],
  evaluate: ({ inputs: [x], attributes: { dtype } }) => [
    x!.data.map((value) =>
      dtype === "float32" ? value : dtype === "bool" ? (value === 0 ? 0 : 1) : Math.trunc(value),
    ),
  ],
});

definePrimitive({
  name: "stopGradient",
  summary: "the identity, through which no gradient flows",
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  lower: ({ inputs }) => [inputs[0]!],
  evaluate: ({ inputs: [x] }) => [x!.data],
});

/**
 * The second operand decides when: the value passes unchanged, but only once `after` (float32) is known, and no pass, ours or ONNX
 * Runtime's, merges what is computed from it with what is computed from the original. It is what keeps a recomputed activation from
 * being shared with the first one. It costs a copy of x.
 */
definePrimitive({
  name: "barrier",
  summary: "x unchanged, not before `after` is known; never merged (recomputation)",
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  gradient: ({ cotangent }) => [cotangent, undefined],
  lower({ builder, inputs, inputSpecs }) {
    // |after[0]| < 0 is false for any number, infinity and NaN too, which no optimiser of ONNX Runtime knows.
    const [x, after] = inputs;
    const { dtype } = inputSpecs[0]!;
    const flat = builder.node("Reshape", [after!, builder.int64([-1])]);
    const first = builder.node("Gather", [flat, builder.int64(0)], { axis: 0 });
    const never = builder.node("Less", [builder.node("Abs", [first]), builder.scalar(0)]);
    if (dtype === "bool") return [lowerOr(builder, x!, never)];
    return [builder.node("Add", [x!, builder.node("Cast", [never], { to: ONNX_TYPE[dtype] })])];
  },
  evaluate: ({ inputs: [x] }) => [x!.data],
});

definePrimitive<{ shape: readonly number[] }>({
  name: "broadcastTo",
  summary: "stretches axes of size 1 and adds leading ones",
  infer([x], { shape }) {
    if (!equalShapes(broadcastShapes(x!.shape, shape), shape)) {
      throw new ShapeError(`the shape ${describeShape(x!.shape)} does not stretch to ${describeShape(shape)}`);
    }
    return [{ shape, dtype: x!.dtype }];
  },
  gradient: ({ cotangent, inputs: [x] }) => [unbroadcast(cotangent, x!.shape)],
  lower: ({ builder, inputs, attributes }) => [builder.node("Expand", [inputs[0]!, builder.int64(attributes.shape)])],
  evaluate: ({ inputs: [x], attributes }) => [tabulate(attributes.shape, (index) => at(x!, index))],
});
