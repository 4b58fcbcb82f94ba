/**
 * Scopes: how a model names what it needs. A model is a function of a scope and its inputs; it asks the scope for parameters,
 * buffers and random tensors by name, and `at` nests names. The same function declares its parameters (run once, on a declaring
 * scope) and applies them (on a scope bound to trees of tensors).
 */
import { type DType, type HostTensor, hostTensor, sizeOf } from "./dtype.js";
import { ArgumentError, ShapeError } from "./errors.js";
import { labelled, withPath } from "./graph/place.js";
import { apply, input, type Tensor } from "./graph/tensor.js";
import type { Distribution, RandomKey } from "./random/index.js";
import { describeShape, equalShapes } from "./shape.js";
import { flattenTree, type TreeRecord, treeFromPaths } from "./tree.js";

/** Fills a new parameter. */
export type Initializer = (key: RandomKey, shape: readonly number[]) => Float32Array;

export const zeros: Initializer = (_, shape) => new Float32Array(sizeOf(shape));
export const ones: Initializer = (_, shape) => new Float32Array(sizeOf(shape)).fill(1);
export const normal =
  (standardDeviation: number): Initializer =>
  (key, shape) =>
    key.normal(new Float32Array(sizeOf(shape)), 0, standardDeviation);
export const uniform =
  (bound: number): Initializer =>
  (key, shape) =>
    key.uniform(new Float32Array(sizeOf(shape)), -bound, bound);

export interface ParameterInfo {
  readonly path: string;
  readonly shape: readonly number[];
}

/** Replaces a parameter where it is used: low-rank updates, freezing, quantisation, spectral norm. */
export type Interceptor = (value: Tensor, info: ParameterInfo, scope: Scope) => Tensor;

interface Store {
  parameter(path: string, shape: readonly number[], initializer: Initializer): Tensor;
  buffer(path: string, shape: readonly number[], initializer: Initializer): Tensor;
  setBuffer(path: string, value: Tensor): void;
  readonly training: boolean;
  readonly drawn: Set<string>;
  readonly draws: string;
}

export class Scope {
  readonly path: string;
  private readonly store: Store;
  private readonly interceptors: readonly { readonly pattern: RegExp; readonly fn: Interceptor }[];

  private constructor(store: Store, path: string, interceptors: Scope["interceptors"]) {
    this.store = store;
    this.path = path;
    this.interceptors = interceptors;
  }

  /**
   * A scope over trees of tensors. `training` tells dropout and the like whether to act; `draws` is put before the path of every random
   * tensor, so that two networks, or one network used twice in a step, draw apart.
   */
  static over(
    trees: { readonly params: TreeRecord<Tensor>; readonly buffers?: TreeRecord<Tensor> },
    { training = false, draws = "" }: { readonly training?: boolean; readonly draws?: string } = {},
  ): Scope & { readonly updatedBuffers: ReadonlyMap<string, Tensor> } {
    const params = new Map(flattenTree<Tensor>(trees.params));
    const buffers = new Map(flattenTree<Tensor>(trees.buffers ?? {}));
    const updatedBuffers = new Map<string, Tensor>();
    const find = (kind: string, from: ReadonlyMap<string, Tensor>, path: string, shape: readonly number[]): Tensor => {
      const found = from.get(path);
      if (found === undefined) throw new ArgumentError(`The model has no ${kind} "${path}"`);
      if (!equalShapes(found.shape, shape)) {
        throw new ShapeError(
          `The ${kind} "${path}" has the shape ${describeShape(found.shape)}, and the model asks for ${describeShape(shape)}`,
        );
      }
      return found;
    };
    const store: Store = {
      parameter: (path, shape) => find("parameter", params, path, shape),
      buffer: (path, shape) => updatedBuffers.get(path) ?? find("buffer", buffers, path, shape),
      setBuffer: (path, value) => void updatedBuffers.set(path, value),
      training,
      drawn: new Set(),
      draws,
    };
    return Object.assign(new Scope(store, "", []), { updatedBuffers });
  }

  /** Runs a model once to learn what it declares, and fills it. The same key gives the same numbers whatever the order. */
  static declare(
    model: (scope: Scope) => unknown,
    key: RandomKey,
  ): { readonly params: TreeRecord<HostTensor>; readonly buffers: TreeRecord<HostTensor> } {
    const params = new Map<string, HostTensor>();
    const buffers = new Map<string, HostTensor>();
    const declareIn =
      (into: Map<string, HostTensor>): Store["parameter"] =>
      (path, shape, initializer) => {
        const known = into.get(path);
        if (known !== undefined && !equalShapes(known.shape, shape)) {
          throw new ShapeError(
            `"${path}" is declared as ${describeShape(known.shape)} and again as ${describeShape(shape)}`,
          );
        }
        if (known === undefined) into.set(path, hostTensor(initializer(key.split(path), shape), shape));
        return input(path, shape, "float32");
      };
    const store: Store = {
      parameter: declareIn(params),
      buffer: declareIn(buffers),
      setBuffer: () => {},
      training: true,
      drawn: new Set(),
      draws: "",
    };
    model(new Scope(store, "", []));
    return { params: treeFromPaths(params), buffers: treeFromPaths(buffers) };
  }

  get training(): boolean {
    return this.store.training;
  }

  /** A trained tensor. */
  param(name: string, shape: readonly number[], initializer: Initializer): Tensor {
    const path = this.join(name);
    let value = this.store.parameter(path, shape, initializer);
    for (const { pattern, fn } of this.interceptors) if (pattern.test(path)) value = fn(value, { path, shape }, this);
    return labelled(value, path);
  }

  /** A tensor that is kept and updated but not differentiated: codebooks, running statistics. */
  buffer(name: string, shape: readonly number[], initializer: Initializer): Tensor {
    const path = this.join(name);
    return labelled(this.store.buffer(path, shape, initializer).stopGradient(), path);
  }

  /** Replaces a buffer from now on. */
  setBuffer(name: string, value: Tensor): void {
    this.store.setBuffer(this.join(name), value.stopGradient());
  }

  /** Random numbers, keyed by seed, step and this path: the same whatever else is drawn. */
  random(name: string, shape: readonly number[], distribution: Distribution): Tensor {
    const path = `${this.store.draws}${this.join(name)}`;
    if (this.store.drawn.has(path))
      throw new ArgumentError(`The random tensor "${path}" is drawn twice; give each a name of its own`);
    this.store.drawn.add(path);
    const dtype: DType = distribution.kind === "bernoulli" ? "bool" : "float32";
    return apply("random", [], { path, shape: [...shape], dtype, distribution });
  }

  /** Sets elements to zero with probability `rate` and scales the rest, while training (Srivastava et al. 2014). */
  dropout(name: string, x: Tensor, rate: number): Tensor {
    if (!(rate >= 0 && rate < 1)) {
      throw new ArgumentError(
        `A dropout rate is a number from 0 up to, not including, 1; "${this.join(name)}" has ${rate}`,
      );
    }
    if (!this.training || rate === 0) return x;
    const kept = this.random(name, x.shape, { kind: "bernoulli", probability: 1 - rate });
    return kept.select(x.mul(1 / (1 - rate)), 0);
  }

  /** The scope of a part. Nodes traced inside `fn` carry its path, which errors name. */
  at<T>(name: string | number, fn: (scope: Scope) => T): T;
  at(name: string | number): Scope;
  at<T>(name: string | number, fn?: (scope: Scope) => T): T | Scope {
    const child = new Scope(this.store, this.join(String(name)), this.interceptors);
    return fn === undefined ? child : withPath(child.path, () => fn(child));
  }

  /** A scope in which parameters whose path matches are replaced where they are used. `*` stands for one part of a path. */
  intercept(pattern: string | RegExp, fn: Interceptor): Scope {
    const expression =
      typeof pattern === "string"
        ? new RegExp(
            `^${pattern
              .split("*")
              .map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"))
              .join("[^.]*")}$`,
          )
        : pattern;
    return new Scope(this.store, this.path, [...this.interceptors, { pattern: expression, fn }]);
  }

  private join(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}
