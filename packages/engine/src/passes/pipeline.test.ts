import { describe, expect, it } from "vitest";
import { hostTensor } from "../dtype.js";
import { gradients } from "../gradient.js";
import { describeGraph, type Graph, nodesOf } from "../graph/graph.js";
import { input, type Tensor } from "../graph/tensor.js";
import { RandomKey } from "../random/index.js";
import { Scope } from "../scope.js";
import { smallTransformer } from "../small-transformer.test-helpers.js";
import { flattenTree, mapTree, type TreeRecord } from "../tree.js";
import { cleaning, fusing, runPasses } from "./index.js";
import { countOps, expectSameValues } from "./pass-cases.test-helpers.js";

const model = smallTransformer({ layers: 2, heads: 4, groups: 2, width: 8, vocabulary: 6 });
const { params } = Scope.declare((scope) => model(scope, 2, 3), RandomKey.fromSeed(11));
const inputs = {
  ...Object.fromEntries(flattenTree(params)),
  tokens: hostTensor(Int32Array.of(0, 5, 2, 3, 3, 1), [2, 3]),
  targets: hostTensor(Int32Array.of(5, 2, 3, 3, 1, 0)),
  "blocks.0.attention.dropout": hostTensor(RandomKey.fromSeed(1).bernoulli(new Uint8Array(48), 0.9), [2, 3, 8]),
  "blocks.1.attention.dropout": hostTensor(RandomKey.fromSeed(2).bernoulli(new Uint8Array(48), 0.9), [2, 3, 8]),
};

function trainingGraph(): Graph {
  const tree = mapTree(params, ({ shape, dtype }, path): Tensor => input(path, shape, dtype)) as TreeRecord<Tensor>;
  const scope = Scope.over({ params: tree }, { training: true });
  const loss = model.loss(scope, input("tokens", [2, 3], "int32"), input("targets", [6], "int32"));
  const leaves = flattenTree<Tensor>(tree);
  const grads = gradients(
    loss,
    leaves.map(([, leaf]) => leaf),
  );
  return { outputs: new Map([["loss", loss], ...leaves.map(([path], i) => [path, grads[i]!] as const)]) };
}

describe("all passes on a small transformer and its gradients", () => {
  const before = trainingGraph();
  const after = runPasses(runPasses(runPasses(before, cleaning), fusing), cleaning);

  it("keeps loss and gradients", () => expectSameValues(before, after, inputs, 1e-5));

  it("leaves less to do", () => {
    expect(nodesOf(after).length).toBeLessThan(0.9 * nodesOf(before).length);
    const [old, now] = [countOps(before), countOps(after)];
    expect(now.matmul ?? 0).toBeLessThan(old.matmul!);
    expect(now.fusedMatmul).toBeGreaterThan(20);
    expect(now.transpose!).toBeLessThan(old.transpose!);
    expect(now.stopGradient).toBeUndefined();
  });

  it("prints one line a node, with places in the model", () => {
    const lines = describeGraph(after).split("\n");
    expect(lines).toHaveLength(nodesOf(after).length + after.outputs.size);
    expect(lines.some((line) => line.includes("# blocks.0.attention"))).toBe(true);
  });

  it("is the same whenever it is traced", () => {
    const again = runPasses(runPasses(runPasses(trainingGraph(), cleaning), fusing), cleaning);
    expect(describeGraph(again)).toBe(describeGraph(after));
  });
});
