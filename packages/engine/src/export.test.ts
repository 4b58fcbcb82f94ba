/** Exported models: only operators of the ONNX standard, loaded and run by a plain ONNX Runtime session. */
import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { exportOnnx } from "./compile.js";
import { hostTensor } from "./dtype.js";
import { gradients } from "./gradient.js";
import { input, type Tensor } from "./graph/tensor.js";
import { expectClose, toDense, uniformIn } from "./numeric.test-helpers.js";
import { graphOf, opCases, traceCase } from "./op-cases.test-helpers.js";
import { RandomKey } from "./random/index.js";
import { interpret } from "./reference/index.js";
import { Scope } from "./scope.js";
import { smallTransformer } from "./small-transformer.test-helpers.js";
import { flattenTree, mapTree, type TreeRecord } from "./tree.js";

/** Reads fields of one protobuf message: enough of the format to check what the writer wrote. */
function fieldsOf(bytes: Uint8Array): [field: number, value: number | Uint8Array][] {
  const fields: [number, number | Uint8Array][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 0) fields.push([tag >> 3, varint()]);
    else {
      const length = (tag & 7) === 5 ? 4 : varint();
      fields.push([tag >> 3, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return fields;
}

const allOf = (bytes: Uint8Array, field: number): Uint8Array[] =>
  fieldsOf(bytes).flatMap(([number, value]) => (number === field && value instanceof Uint8Array ? [value] : []));
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** ModelProto: 7 graph, 8 opset imports, 14 metadata; GraphProto: 1 nodes; NodeProto: 4 op type, 7 domain. */
const domainsOf = (model: Uint8Array): string[] => allOf(model, 8).map((opset) => text(allOf(opset, 1)[0]));
const operatorsOf = (model: Uint8Array): string[] =>
  allOf(allOf(model, 7)[0]!, 1).map((node) => `${text(allOf(node, 7)[0])}${text(allOf(node, 4)[0])}`);

/** In ONNX Runtime they are registered in the standard domain; in the standard they are not. */
const NOT_STANDARD = ["SimplifiedLayerNormalization"];

describe("export", () => {
  const model = smallTransformer({ layers: 2, heads: 4, groups: 2, width: 8, vocabulary: 6 });
  const { params } = Scope.declare((scope) => model(scope, 2, 3), RandomKey.fromSeed(11));
  const tokens = hostTensor(Int32Array.of(0, 5, 2, 3, 3, 1), [2, 3]);

  it("a transformer's logits and gradients come out of a plain session as out of the oracle", async () => {
    const tree = mapTree(params, ({ shape, dtype }, path): Tensor => input(path, shape, dtype)) as TreeRecord<Tensor>;
    const logits = model.logits(Scope.over({ params: tree }), 2, 3, input("tokens", [2, 3], "int32"));
    const [slope] = gradients(logits.square().mean(), [flattenTree<Tensor>(tree)[0]![1]]);
    const graph = {
      outputs: new Map([
        ["logits", logits],
        ["slope", slope!],
      ]),
    };
    const bytes = exportOnnx(graph, { "atelier.seed": "11" });
    expect(domainsOf(bytes)).toEqual([""]);
    expect(operatorsOf(bytes).filter((name) => NOT_STANDARD.includes(name))).toEqual([]);
    expect(text(allOf(bytes, 14)[0])).toContain("atelier.seed");

    const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: "disabled" });
    const values = { ...Object.fromEntries(flattenTree(params)), tokens };
    expect([...session.inputNames].sort()).toEqual(Object.keys(values).sort());
    expect(session.outputNames).toEqual(["logits", "slope"]);
    const feeds = Object.fromEntries(
      Object.entries(values).map(([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)]),
    );
    const out = await session.run(feeds);
    const expected = interpret([logits, slope!], toDense(values));
    ["logits", "slope"].forEach((name, i) => {
      const { dims, data } = out[name]!;
      expectClose({ shape: dims, data: Float64Array.from(data as Float32Array) }, expected[i]!, 1e-5, name);
    });
    await session.release();
  });

  it("no operation needs more than the standard, forward or backward", () => {
    for (const opCase of opCases.filter(({ random }) => random === undefined)) {
      const { forward, first } = traceCase(opCase);
      const bytes = exportOnnx(graphOf(...forward, ...first));
      expect(domainsOf(bytes), opCase.name).toEqual([""]);
      expect(operatorsOf(exportOnnx(graphOf(...forward))).filter((name) => NOT_STANDARD.includes(name))).toEqual([]);
    }
  });

  it("weights beyond a few bytes are stored whole", async () => {
    const large = uniformIn("large", [300, 70]);
    const x = input("x", [70, 2], "float32");
    const bytes = exportOnnx({ outputs: new Map([["y", x.transposeLast()]]) });
    expect(bytes.length).toBeLessThan(1000);
    const { constant } = await import("./graph/tensor.js");
    const y = constant(large).matmul(x);
    const session = await ort.InferenceSession.create(exportOnnx({ outputs: new Map([["y", y]]) }));
    const given = uniformIn("x", [70, 2]);
    const out = await session.run({ x: new ort.Tensor("float32", given.data as Float32Array, [70, 2]) });
    const expected = interpret([y], toDense({ x: given }))[0]!;
    expectClose({ shape: [300, 2], data: Float64Array.from(out.y!.data as Float32Array) }, expected, 1e-5);
  });
});
