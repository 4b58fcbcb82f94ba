/** Small GPTs in every variant: a table in which every two values of two settings meet in at least one row. */
import {
  flattenTree,
  type HostTensor,
  hostTensor,
  input,
  mapTree,
  RandomKey,
  Scope,
  sizeOf,
  type Tensor,
  type TreeRecord,
} from "@atelier/engine";
import { classicGpt, type GptConfiguration } from "./configuration.js";
import { gptLogits } from "./gpt.js";

export const size = { vocabulary: 11, context: 6, layers: 2, heads: 4, width: 16 };

export const settings = {
  positions: ["learned", "rotary"],
  norm: ["layer", "rms", "rms-plain"],
  activation: ["gelu", "gelu-tanh", "relu-squared", "swiglu"],
  bias: [true, false],
  tiedHead: [true, false],
  keyValueHeads: [4, 2, 1],
  queryKeyNorm: [true, false],
  zeroProjections: [true, false],
} as const;

type Row = { readonly [K in keyof typeof settings]: (typeof settings)[K][number] };

const row = (
  positions: Row["positions"],
  norm: Row["norm"],
  activation: Row["activation"],
  bias: boolean,
  tiedHead: boolean,
  keyValueHeads: Row["keyValueHeads"],
  queryKeyNorm: boolean,
  zeroProjections: boolean,
): Row => ({ positions, norm, activation, bias, tiedHead, keyValueHeads, queryKeyNorm, zeroProjections });

export const rows: readonly Row[] = [
  row("learned", "rms", "gelu", false, true, 1, true, true),
  row("rotary", "layer", "relu-squared", false, false, 2, false, false),
  row("rotary", "rms-plain", "gelu-tanh", true, true, 4, true, true),
  row("learned", "rms", "relu-squared", true, false, 1, false, false),
  row("learned", "rms-plain", "swiglu", false, false, 2, true, true),
  row("rotary", "layer", "swiglu", true, true, 1, true, false),
  row("learned", "layer", "gelu", false, false, 4, false, true),
  row("learned", "layer", "gelu-tanh", false, true, 4, false, false),
  row("rotary", "rms-plain", "gelu", true, true, 2, false, false),
  row("rotary", "rms", "swiglu", false, false, 4, false, false),
  row("rotary", "rms", "gelu-tanh", true, false, 2, false, false),
  row("rotary", "rms-plain", "relu-squared", false, true, 4, true, true),
  row("rotary", "rms-plain", "gelu-tanh", true, false, 1, true, false),
];

export const variants = rows.map((changes): [string, GptConfiguration] => [
  Object.values(changes).join(" "),
  classicGpt(size, changes),
]);

/** A tree of tensors as inputs of a graph, named by path. */
export const asInputs = (tree: TreeRecord<HostTensor>): TreeRecord<Tensor> =>
  mapTree<HostTensor, Tensor>(tree, ({ shape, dtype }, path) => input(path, shape, dtype)) as TreeRecord<Tensor>;

export const declare = (c: GptConfiguration, seed = 1): TreeRecord<HostTensor> =>
  Scope.declare((scope) => gptLogits(scope, c, input("tokens", [1, c.context], "int32")), RandomKey.fromSeed(seed))
    .params;

/** Parameters away from every zero and one that they start with, so that all of them matter. */
export const perturbed = (c: GptConfiguration): TreeRecord<HostTensor> =>
  mapTree<HostTensor, HostTensor>(declare(c), ({ shape, data }, path) => {
    const noise = RandomKey.fromSeed(77)
      .split(path)
      .normal(new Float32Array(sizeOf(shape)), 0, 0.3);
    return hostTensor(
      noise.map((value, i) => value + data[i]!),
      shape,
    );
  }) as TreeRecord<HostTensor>;

/** (batch, length) tokens, all sorts. */
export const someTokens = (c: GptConfiguration, batch: number, length: number, seed = 5): HostTensor =>
  hostTensor(
    Int32Array.from({ length: batch * length }, (_, i) => RandomKey.fromSeed(seed).at(i).integer(c.vocabulary)),
    [batch, length],
  );

export const bindingsOf = (params: TreeRecord<HostTensor>): Record<string, HostTensor> =>
  Object.fromEntries(flattenTree<HostTensor>(params));
