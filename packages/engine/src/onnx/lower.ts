/** Lowers a graph to an ONNX model: plainly, or as the body of a Loop that runs it several times on stacked inputs. */
import { type Graph, nodesOf } from "../graph/graph.js";
import { primitiveOf } from "../graph/primitive.js";
import { input, type Node, type Tensor } from "../graph/tensor.js";
import { type Capabilities, ONNX_TYPE, OnnxBuilder } from "./builder.js";

export interface LoweredInput {
  /** The name of the graph leaf: an input's name, or `random:` and a random tensor's path. */
  readonly name: string;
  readonly leaf: Node;
  /** One slice a step along a leading axis. */
  readonly stacked: boolean;
}

export interface Lowered {
  readonly model: Uint8Array<ArrayBuffer>;
  readonly inputs: readonly LoweredInput[];
}

export interface LowerOptions {
  readonly capabilities: Capabilities;
  /** Inputs that each step takes from the step before: input name → output name. */
  readonly carried?: ReadonlyMap<string, string>;
  /** Inputs that every step reads whole. */
  readonly shared?: ReadonlySet<string>;
  /** How many steps one run makes; absent, the graph runs once on inputs that are not stacked. */
  readonly steps?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Inputs keep their names; random tensors are set apart, since a path may equal one. */
const leafName = (node: Node): string =>
  node.op === "input" ? String(node.attributes.name) : `random:${String(node.attributes.path)}`;

export function lower(graph: Graph, options: LowerOptions): Lowered {
  const nodes = nodesOf(graph);
  const { carried = new Map<string, string>(), shared = new Set<string>(), steps } = options;
  const used = nodes.filter((node) => node.op === "input" || node.op === "random");
  const leaves = steps === undefined ? used : [...used, ...unusedCarried(graph, used, carried)];
  const inputs = leaves.map((leaf) => {
    const name = leafName(leaf);
    return { name, leaf, stacked: steps !== undefined && !carried.has(name) && !shared.has(name) };
  });
  const builder = new OnnxBuilder(options.capabilities);
  for (const { name, leaf, stacked } of inputs) {
    const { dtype, shape } = leaf.outputs[0]!;
    builder.input(name, ONNX_TYPE[dtype], stacked ? [steps!, ...shape] : shape);
  }
  if (steps === undefined) {
    const names = new Map(inputs.map(({ name, leaf }) => [leaf.outputs[0]!, name]));
    lowerNodes(nodes, builder, names);
    for (const [name, x] of graph.outputs) {
      builder.node("Identity", [names.get(x)!], {}, { names: [name] });
      builder.output(name, ONNX_TYPE[x.dtype], x.shape);
    }
  } else {
    lowerLoop(graph, nodes, inputs, builder, carried, steps);
  }
  return { model: builder.model("atelier", options.metadata), inputs };
}

/** Leaves for state that no step reads but every step replaces: a Loop carries it all the same. */
function unusedCarried(graph: Graph, used: readonly Node[], carried: ReadonlyMap<string, string>): Node[] {
  const names = new Set(used.map(leafName));
  return [...carried].flatMap(([name, output]) => {
    const { shape, dtype } = graph.outputs.get(output)!;
    return names.has(name) ? [] : [input(name, shape, dtype).node];
  });
}

function lowerLoop(
  graph: Graph,
  nodes: readonly Node[],
  inputs: readonly LoweredInput[],
  builder: OnnxBuilder,
  carried: ReadonlyMap<string, string>,
  steps: number,
): void {
  const body = new OnnxBuilder(builder.capabilities, builder);
  const iteration = body.fresh("iteration");
  const condition = body.fresh("condition");
  body.input(iteration, ONNX_TYPE.int64, []);
  body.input(condition, ONNX_TYPE.bool, []);
  const names = new Map<Tensor, string>();
  const carriedInputs = inputs.filter(({ name }) => carried.has(name));
  for (const { leaf } of carriedInputs) {
    const inner = body.fresh("carried");
    const { dtype, shape } = leaf.outputs[0]!;
    body.input(inner, ONNX_TYPE[dtype], shape);
    names.set(leaf.outputs[0]!, inner);
  }
  for (const { name, leaf, stacked } of inputs) {
    if (carried.has(name)) continue;
    names.set(leaf.outputs[0]!, stacked ? body.node("Gather", [name, iteration], { axis: 0 }) : name);
  }
  lowerNodes(nodes, body, names);

  // A value leaves under its own name, which costs nothing, unless it is no node's own output or leaves twice.
  const given = new Set(inputs.map(({ leaf }) => names.get(leaf.outputs[0]!)!));
  const finish = (x: Tensor): void => {
    let name = names.get(x)!;
    if (given.has(name) || x.node.inputs.length === 0 || builder.isConstant(name)) name = body.node("Identity", [name]);
    given.add(name);
    body.output(name, ONNX_TYPE[x.dtype], x.shape);
  };
  const next = body.node("Identity", [condition]);
  body.output(next, ONNX_TYPE.bool, []);
  const carriedOutputs = carriedInputs.map(({ name }) => carried.get(name)!);
  const collected = [...graph.outputs.keys()].filter((name) => !carriedOutputs.includes(name));
  for (const name of [...carriedOutputs, ...collected]) finish(graph.outputs.get(name)!);

  const results = [...carriedOutputs, ...collected];
  builder.nodeAll(
    "Loop",
    [builder.int64(steps), "", ...carriedInputs.map(({ name }) => name)],
    { body: { graph: body.graph("step") } },
    { names: results },
  );
  for (const name of results) {
    const x = graph.outputs.get(name)!;
    builder.output(name, ONNX_TYPE[x.dtype], carriedOutputs.includes(name) ? x.shape : [steps, ...x.shape]);
  }
}

function lowerNodes(nodes: readonly Node[], builder: OnnxBuilder, names: Map<Tensor, string>): void {
  for (const node of nodes) {
    if (node.op === "input" || node.op === "random") continue;
    const outputs = primitiveOf(node.op).lower({
      builder,
      inputs: node.inputs.map((x) => names.get(x)!),
      inputSpecs: node.inputs,
      outputSpecs: node.outputs,
      attributes: node.attributes,
    });
    node.outputs.forEach((x, i) => {
      names.set(x, outputs[i]!);
    });
  }
}
