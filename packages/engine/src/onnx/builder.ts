/**
 * Builds ONNX graphs node by node: names values, shares equal constants, and writes the ModelProto. A builder can open a nested
 * graph (the body of a Loop) that sees the values of the outer one.
 *
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import type { DType, HostTensor } from "../dtype.js";
import { ProtobufWriter } from "./protobuf.js";

/** The IR version that goes with each opset in use. https://github.com/onnx/onnx/blob/main/docs/Versioning.md */
const IR_VERSIONS = { 20: 9, 23: 11 } as const;
export const MICROSOFT = "com.microsoft";

/** ONNX's TensorProto.DataType. */
export const ONNX_TYPE = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

/** Which operators beyond the standard opset a target runs. */
export interface Capabilities {
  readonly name: string;
  /** The version of the standard operators. */
  readonly opset: keyof typeof IR_VERSIONS;
  /** Operators of ONNX Runtime's own domain that may be used, e.g. FusedMatMul. */
  readonly contrib: ReadonlySet<string>;
  /** Standard operators that the target lacks (or gets wrong) and that must be decomposed: `TopK`, or for one type only, `Or bool`. */
  readonly missing: ReadonlySet<string>;
}

export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: ProtobufWriter };

interface NodeOptions {
  readonly domain?: string;
  readonly outputs?: number;
  /** Names for the outputs instead of fresh ones. */
  readonly names?: readonly string[];
}

export class OnnxBuilder {
  readonly capabilities: Capabilities;
  private readonly outer: OnnxBuilder | undefined;
  private readonly nodes: ProtobufWriter[] = [];
  private readonly initializers: ProtobufWriter[] = [];
  private readonly inputs: ProtobufWriter[] = [];
  private readonly outputs: ProtobufWriter[] = [];
  private readonly constants = new Map<string, string>();
  private readonly constantNames = new Set<string>();
  private counter = 0;
  private usesContrib = false;

  constructor(capabilities: Capabilities, outer?: OnnxBuilder) {
    this.capabilities = capabilities;
    this.outer = outer;
  }

  /**
   * Names are unique over all nested graphs, since inner graphs may shadow but never reuse outer names. The sign in front keeps them
   * apart from the names that users give to inputs and outputs.
   */
  fresh(prefix = "v"): string {
    return this.outer === undefined ? `%${prefix}${this.counter++}` : this.outer.fresh(prefix);
  }

  supports(contribOp: string): boolean {
    return this.capabilities.contrib.has(contribOp);
  }

  lacks(standardOp: string, dtype?: DType): boolean {
    const { missing } = this.capabilities;
    return missing.has(standardOp) || (dtype !== undefined && missing.has(`${standardOp} ${dtype}`));
  }

  /** The same value in another type; itself where the type is the same. */
  cast(value: string, from: DType, to: DType): string {
    return from === to ? value : this.node("Cast", [value], { to: ONNX_TYPE[to] });
  }

  /**
   * A node that only moves the elements of `values`. Where the target lacks it for their type, they travel as int32. `rest` are its
   * further inputs, given the type the values travel as.
   */
  move(
    type: string,
    dtype: DType,
    values: readonly string[],
    rest: (dtype: DType) => readonly string[] = () => [],
    attributes: Record<string, OnnxAttribute> = {},
  ): string {
    const via = this.lacks(type, dtype) ? "int32" : dtype;
    const moved = this.node(type, [...values.map((x) => this.cast(x, dtype, via)), ...rest(via)], attributes);
    return this.cast(moved, via, dtype);
  }

  /** Adds a node with one output and returns its name. An empty input name leaves an optional input out. */
  node(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, OnnxAttribute> = {},
    options: NodeOptions = {},
  ): string {
    return this.addNode(type, inputs, attributes, options)[0]!;
  }

  /** Adds a node with several outputs. */
  nodeAll(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, OnnxAttribute>,
    options: NodeOptions,
  ): string[] {
    return this.addNode(type, inputs, attributes, options);
  }

  /** A tensor constant; equal small constants are shared. Constants live in the outermost graph, visible to all. */
  constant(value: HostTensor): string {
    const bytes = new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength);
    return this.rawConstant(ONNX_TYPE[value.dtype], value.shape, bytes);
  }

  scalar(value: number, dtype: DType = "float32"): string {
    const data =
      dtype === "float32" ? Float32Array.of(value) : dtype === "int32" ? Int32Array.of(value) : Uint8Array.of(value);
    return this.constant({ dtype, shape: [], data });
  }

  /** A vector of int64, which shapes, axes and bounds are given as; a rank-0 one for single values. */
  int64(values: readonly number[] | number): string {
    const list = typeof values === "number" ? [values] : values;
    const data = BigInt64Array.from(list, (n) => BigInt(n));
    return this.rawConstant(
      ONNX_TYPE.int64,
      typeof values === "number" ? [] : [list.length],
      new Uint8Array(data.buffer),
    );
  }

  /** A constant of bytes, which kernels for 8-bit weights read. */
  bytes(data: Uint8Array, shape: readonly number[]): string {
    return this.rawConstant(ONNX_TYPE.uint8, shape, data);
  }

  /** Whether a name is a constant's rather than a node's. */
  isConstant(name: string): boolean {
    return this.outer === undefined ? this.constantNames.has(name) : this.outer.isConstant(name);
  }

  private rawConstant(type: number, shape: readonly number[], bytes: Uint8Array): string {
    if (this.outer !== undefined) return this.outer.rawConstant(type, shape, bytes);
    const key = bytes.length <= 256 ? `${type}|${shape.join(",")}|${bytes.join(",")}` : undefined;
    const known = key === undefined ? undefined : this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh("c");
    this.constantNames.add(name);
    const tensor = new ProtobufWriter();
    for (const n of shape) tensor.varint(1, n);
    tensor.varint(2, type).string(8, name).bytes(9, bytes);
    this.initializers.push(tensor);
    if (key !== undefined) this.constants.set(key, name);
    return name;
  }

  input(name: string, type: number, shape: readonly number[]): void {
    this.inputs.push(valueInfo(name, type, shape));
  }

  output(name: string, type: number, shape: readonly number[]): void {
    this.outputs.push(valueInfo(name, type, shape));
  }

  /** The GraphProto of what was built so far. */
  graph(name: string): ProtobufWriter {
    const graph = new ProtobufWriter();
    for (const node of this.nodes) graph.message(1, node);
    graph.string(2, name);
    for (const tensor of this.initializers) graph.message(5, tensor);
    for (const value of this.inputs) graph.message(11, value);
    for (const value of this.outputs) graph.message(12, value);
    return graph;
  }

  /** The whole model, ready for ONNX Runtime or a file. */
  model(name: string, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
    const model = new ProtobufWriter()
      .varint(1, IR_VERSIONS[this.capabilities.opset])
      .string(2, "atelier")
      .message(7, this.graph(name))
      .message(8, new ProtobufWriter().string(1, "").varint(2, this.capabilities.opset));
    if (this.usesContrib) model.message(8, new ProtobufWriter().string(1, MICROSOFT).varint(2, 1));
    for (const [key, value] of Object.entries(metadata)) {
      model.message(14, new ProtobufWriter().string(1, key).string(2, value));
    }
    return model.finish();
  }

  private addNode(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, OnnxAttribute>,
    { domain = "", outputs = 1, names }: NodeOptions,
  ): string[] {
    const produced = names === undefined ? Array.from({ length: outputs }, () => this.fresh()) : [...names];
    const node = new ProtobufWriter();
    for (const name of inputs) node.string(1, name);
    for (const name of produced) node.string(2, name);
    node.string(3, `${type}_${produced[0]}`).string(4, type);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attributeProto(name, value));
    if (domain !== "") {
      node.string(7, domain);
      if (domain === MICROSOFT) this.markContrib();
    }
    this.nodes.push(node);
    return produced;
  }

  private markContrib(): void {
    this.usesContrib = true;
    this.outer?.markContrib();
  }
}

function valueInfo(name: string, type: number, shape: readonly number[]): ProtobufWriter {
  const dimensions = new ProtobufWriter();
  for (const n of shape) dimensions.message(1, new ProtobufWriter().varint(1, n));
  const tensor = new ProtobufWriter().varint(1, type).message(2, dimensions);
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor));
}

function attributeProto(name: string, value: OnnxAttribute): ProtobufWriter {
  const attribute = new ProtobufWriter().string(1, name);
  if (typeof value === "string") return attribute.string(4, value).varint(20, 3);
  if (typeof value === "number") return attribute.varint(3, value).varint(20, 2);
  if ("float" in value) return attribute.float(2, value.float).varint(20, 1);
  if ("graph" in value) return attribute.message(6, value.graph).varint(20, 5);
  for (const n of value) attribute.varint(8, n);
  return attribute.varint(20, 7);
}
