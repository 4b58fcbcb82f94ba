/**
 * `compile`: from a function over trees of tensors to a session of ONNX Runtime. The function is traced once for every set of
 * input shapes, cleaned and fused by the passes, lowered for the device, and kept.
 */
import { allocate, type DType, type HostTensor, sizeOf } from "./dtype.js";
import { ArgumentError } from "./errors.js";
import type { Graph } from "./graph/graph.js";
import { constant, input, type Tensor } from "./graph/tensor.js";
import { capabilitiesOf } from "./onnx/capabilities.js";
import { type Lowered, lower } from "./onnx/lower.js";
import { cleaning, fusing, quantizeWeights, runPasses } from "./passes/index.js";
import type { Distribution, RandomKey, StepKeys } from "./random/index.js";
import { currentRuntime, type Device, type Session } from "./runtime/runtime.js";
import { describeShape } from "./shape.js";
import { State } from "./state.js";
import { flattenTree, mapTree, type Tree, type TreeRecord, unflattenLike } from "./tree.js";
import "./primitives/index.js";
import "./ops/checkpoint.js";

/** 32-bit floating point, or 8-bit integers with a scale for every block of 64 (see `primitives/quantized.ts`). */
export type WeightFormat = "float32" | "int8";

/** A tree of tensors as the host sees it. */
export type Hosted<T> = T extends Tensor
  ? HostTensor
  : TreeRecord<Tensor> extends T
    ? TreeRecord<HostTensor>
    : { readonly [K in keyof T]: Hosted<T[K]> };

export interface CompileOptions<Donated extends string = never> {
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  /** Keys that the function both takes and returns: state, replaced by every call and handed around as an opaque `State`. */
  readonly donate?: readonly Donated[];
  /** Keys whose values are built into the model as constants, fixed at the first call (weights, when generating). */
  readonly freeze?: readonly string[];
  /**
   * The function is one step, and a call runs several: every input that is neither donated nor in `shared` has a leading axis with
   * one slice a step, and so has every output that is not donated.
   */
  readonly repeat?: boolean;
  readonly shared?: readonly string[];
  /** How constant matrices that activations are multiplied with are kept, frozen weights above all; `int8` rounds them. */
  readonly weights?: WeightFormat | undefined;
  /** Refuse to run any part on another device than the one asked for. */
  readonly strict?: boolean;
  readonly profile?: string | undefined;
}

type Inputs<In, Donated extends string> = {
  readonly [K in keyof In]: K extends Donated ? State<Hosted<In[K]>> | Hosted<In[K]> : Hosted<In[K]>;
};

type Outputs<Out, Donated extends string> = {
  readonly [K in keyof Out]: K extends Donated ? State<Hosted<Out[K]>> : Hosted<Out[K]>;
};

export interface CallOptions {
  /** Where random numbers come from; needed where the function draws any. */
  readonly keys?: StepKeys | RandomKey;
}

export interface Compiled<In, Out, Donated extends string> {
  (inputs: Inputs<In, Donated>, options?: CallOptions): Promise<Outputs<Out, Donated>>;
  /** Traces and prepares for inputs of these shapes without running. */
  prepare(inputs: Inputs<In, Donated>): Promise<void>;
  /** The optimised graph for inputs of these shapes, as `describeGraph` or the interpreter takes it. */
  graphFor(inputs: Inputs<In, Donated>): Graph;
  release(): Promise<void>;
}

interface Executable {
  readonly session: Session;
  readonly lowered: Lowered;
  /** The structure of each output key, with specs at the leaves. */
  readonly structure: TreeRecord<Tensor>;
  readonly steps: number | undefined;
}

export function compile<
  In extends TreeRecord<Tensor>,
  Out extends TreeRecord<Tensor>,
  const Donated extends string = never,
>(fn: (inputs: In) => Out, options: CompileOptions<Donated> = {}): Compiled<In, Out, Donated> {
  const device = options.device ?? "cpu";
  const donate: readonly string[] = options.donate ?? [];
  const shared = new Set([...(options.shared ?? [])]);
  const frozen = new Set(options.freeze ?? []);
  const cache = new Map<string, Promise<Executable>>();
  const frozenTrees = new Map<string, Tree<HostTensor>>();

  const trace = (
    hosted: TreeRecord<HostTensor>,
    steps: number | undefined,
  ): { graph: Graph; structure: TreeRecord<Tensor> } => {
    const inputs: Record<string, Tree<Tensor>> = {};
    for (const [key, tree] of Object.entries(hosted)) {
      const stacked = steps !== undefined && !donate.includes(key) && !shared.has(key) && !frozen.has(key);
      inputs[key] = mapTree<HostTensor, Tensor>(
        tree,
        (leaf, path) =>
          frozen.has(key) ? constant(leaf, path) : input(path, stacked ? leaf.shape.slice(1) : leaf.shape, leaf.dtype),
        key,
      );
    }
    // What the caller declared as In is what the hosted trees were mapped to, leaf by leaf.
    const structure = fn(inputs as In);
    const outputs = new Map(
      Object.entries(structure).flatMap(([key, tree]) => flattenTree<Tensor>(tree, `out:${key}`)),
    );
    checkDonated(donate, inputs, structure);
    const cleaned = runPasses({ outputs }, cleaning);
    const fused = runPasses(runPasses(cleaned, fusing), cleaning);
    return { graph: options.weights === "int8" ? quantizeWeights.apply(fused) : fused, structure };
  };

  const build = async (hosted: TreeRecord<HostTensor>, steps: number | undefined): Promise<Executable> => {
    const { graph, structure } = trace(hosted, steps);
    const carried = new Map(
      donate.flatMap((key) => flattenTree(hosted[key]!, key).map(([path]) => [path, `out:${path}`] as const)),
    );
    const lowered = lower(graph, { capabilities: capabilitiesOf(device), carried, shared, steps });
    const runtime = await currentRuntime();
    const session = await runtime.createSession(lowered.model, {
      device,
      threads: options.threads,
      strict: options.strict,
      profile: options.profile,
    });
    return { session, lowered, structure, steps };
  };

  const host = (inputs: Inputs<In, Donated>): TreeRecord<HostTensor> => {
    const hosted: Record<string, Tree<HostTensor>> = {};
    for (const [key, value] of Object.entries(inputs)) {
      const tree = value instanceof State ? value.read() : (value as Tree<HostTensor>);
      if (frozen.has(key)) {
        if (!frozenTrees.has(key)) frozenTrees.set(key, tree);
        hosted[key] = frozenTrees.get(key)!;
      } else {
        hosted[key] = tree;
      }
    }
    return hosted;
  };

  /** How many steps a call makes: the length of the leading axis that all stacked inputs have. */
  const stepsOf = (hosted: TreeRecord<HostTensor>): number | undefined => {
    if (options.repeat !== true) return undefined;
    const stacked = Object.entries(hosted)
      .filter(([key]) => !donate.includes(key) && !shared.has(key) && !frozen.has(key))
      .flatMap(([key, tree]) => flattenTree<HostTensor>(tree, key));
    if (stacked.length === 0) {
      throw new ArgumentError("compile: a repeated function needs an input with one slice a step");
    }
    const [[first, { shape }]] = stacked as [(typeof stacked)[number]];
    for (const [path, leaf] of stacked) {
      if (leaf.shape.length === 0 || leaf.shape[0] !== shape[0] || leaf.shape[0] === 0) {
        throw new ArgumentError(
          `compile: a repeated function takes inputs with one slice a step; "${first}" is ${describeShape(shape)} and "${path}" ${describeShape(leaf.shape)}`,
          {
            hint: "Stack the inputs of all steps along a new first axis, or name what every step reads whole in `shared`.",
          },
        );
      }
    }
    return shape[0];
  };

  const executableFor = (hosted: TreeRecord<HostTensor>): Promise<Executable> => {
    const signature = Object.entries(hosted)
      .filter(([key]) => !frozen.has(key))
      .flatMap(([key, tree]) =>
        flattenTree(tree, key).map(([path, leaf]) => `${path}:${leaf.dtype}${describeShape(leaf.shape)}`),
      )
      .join(";");
    let executable = cache.get(signature);
    if (executable === undefined) {
      executable = build(hosted, stepsOf(hosted));
      cache.set(signature, executable);
      // A failure is not remembered: the next call tries again and throws afresh.
      executable.catch(() => cache.delete(signature));
    }
    return executable;
  };

  const call = async (inputs: Inputs<In, Donated>, { keys }: CallOptions = {}): Promise<Outputs<Out, Donated>> => {
    const hosted = host(inputs);
    const executable = await executableFor(hosted);
    const bound = new Map(
      Object.entries(hosted).flatMap(([key, tree]) => (frozen.has(key) ? [] : flattenTree(tree, key))),
    );
    const feeds: Record<string, HostTensor> = {};
    for (const { name, leaf } of executable.lowered.inputs) {
      feeds[name] =
        leaf.op === "random"
          ? fillRandom(leaf.attributes as unknown as RandomSpec, executable.steps, keys)
          : bound.get(name)!;
    }
    // Used up only now: what was refused above leaves the caller's state alone.
    for (const [key, value] of Object.entries(inputs)) if (donate.includes(key) && value instanceof State) value.take();
    const results = await executable.session.run(feeds);
    const out: Record<string, unknown> = {};
    for (const [key, tree] of Object.entries(executable.structure)) {
      const leaves = flattenTree<Tensor>(tree, `out:${key}`).map(([path]) => results[path]!);
      const rebuilt = unflattenLike<Tensor, HostTensor>(tree, leaves);
      out[key] = donate.includes(key) ? new State(rebuilt) : rebuilt;
    }
    // Built key by key from the traced structure of Out.
    return out as Outputs<Out, Donated>;
  };

  return Object.assign(call, {
    prepare: async (inputs: Inputs<In, Donated>) => void (await executableFor(host(inputs))),
    graphFor: (inputs: Inputs<In, Donated>) => {
      const hosted = host(inputs);
      return trace(hosted, stepsOf(hosted)).graph;
    },
    release: async () => {
      for (const executable of cache.values()) await (await executable).session.release();
      cache.clear();
    },
  });
}

function checkDonated(donate: readonly string[], inputs: TreeRecord<Tensor>, outputs: TreeRecord<Tensor>): void {
  for (const key of donate) {
    if (inputs[key] === undefined || outputs[key] === undefined) {
      throw new ArgumentError(`compile: "${key}" is donated, so the function must both take and return it`);
    }
    const before = new Map(flattenTree<Tensor>(inputs[key]));
    const after = flattenTree<Tensor>(outputs[key]);
    for (const [path, leaf] of after) {
      const old = before.get(path);
      if (old === undefined || old.dtype !== leaf.dtype || describeShape(old.shape) !== describeShape(leaf.shape)) {
        throw new ArgumentError(
          `compile: the donated "${key}.${path}" was ${old === undefined ? "absent" : `${old.dtype} ${describeShape(old.shape)}`} ` +
            `and is returned as ${leaf.dtype} ${describeShape(leaf.shape)}; state keeps its shapes`,
        );
      }
    }
    if (after.length !== before.size)
      throw new ArgumentError(`compile: the donated "${key}" is returned with other leaves than it had`);
  }
}

interface RandomSpec {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly distribution: Distribution;
}

/** Fills a random tensor: the key of each step, split by the tensor's path. */
function fillRandom(spec: RandomSpec, steps: number | undefined, keys: StepKeys | RandomKey | undefined): HostTensor {
  if (keys === undefined) {
    throw new ArgumentError(`The function draws random numbers ("${spec.path}"), and no keys were given`, {
      hint: "Pass { keys } as the second argument of the call.",
    });
  }
  const size = sizeOf(spec.shape);
  const data = allocate(spec.dtype, size * (steps ?? 1));
  for (let step = 0; step < (steps ?? 1); step++) {
    const key = ("base" in keys ? keys.base.at(keys.from + step) : steps === undefined ? keys : keys.at(step)).split(
      spec.path,
    );
    drawInto(data.subarray(step * size, (step + 1) * size), spec.distribution, key);
  }
  return { dtype: spec.dtype, shape: steps === undefined ? spec.shape : [steps, ...spec.shape], data };
}

function drawInto(out: HostTensor["data"], distribution: Distribution, key: RandomKey): void {
  if (distribution.kind === "bernoulli" && out instanceof Uint8Array) key.bernoulli(out, distribution.probability);
  else if (distribution.kind === "normal" && out instanceof Float32Array) {
    key.normal(out, distribution.mean, distribution.standardDeviation);
  } else if (distribution.kind === "uniform" && out instanceof Float32Array)
    key.uniform(out, distribution.low, distribution.high);
  else throw new ArgumentError(`A ${distribution.kind} distribution does not fill ${out.constructor.name}`);
}

/** Traces a function for inputs of given shapes and writes it as a standalone `.onnx` model of the standard opset. */
export function exportOnnx(graph: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
  return lower(runPasses(runPasses(graph, [...cleaning, ...fusing]), cleaning), {
    capabilities: capabilitiesOf("standard"),
    metadata,
  }).model;
}
