import { describe, expect, it } from "vitest";
import { hostTensor } from "./dtype.js";
import { flattenTree, leavesOf, mapTree, type Tree, treeFromPaths, unflattenLike, zipTrees } from "./tree.js";

const tree: Tree<number> = { b: { y: 2, x: 1 }, a: [3, { c: 4 }] };

describe("trees", () => {
  it("flatten in the order of sorted keys, whatever the order of insertion", () => {
    const expected = [
      ["a.0", 3],
      ["a.1.c", 4],
      ["b.x", 1],
      ["b.y", 2],
    ];
    expect(flattenTree(tree)).toEqual(expected);
    expect(flattenTree<number>({ a: [3, { c: 4 }], b: { x: 1, y: 2 } })).toEqual(expected);
    expect(flattenTree<number>(5)).toEqual([["", 5]]);
    expect(flattenTree(tree, "root")[0]).toEqual(["root.a.0", 3]);
  });

  it("take tensors for leaves, plain records as they are", () => {
    const leaf = hostTensor(Float32Array.of(1));
    expect(leavesOf({ w: leaf })).toEqual([leaf]);
  });

  it("map, zip and come back from their leaves", () => {
    expect(mapTree(tree, (x: number, path) => `${path}=${x}`)).toEqual({
      a: ["a.0=3", { c: "a.1.c=4" }],
      b: { x: "b.x=1", y: "b.y=2" },
    });
    expect(zipTrees(([a, b]: number[]) => a! * b!, tree, tree)).toEqual({ a: [9, { c: 16 }], b: { x: 1, y: 4 } });
    expect(unflattenLike(tree, [30, 40, 10, 20])).toEqual({ a: [30, { c: 40 }], b: { x: 10, y: 20 } });
    expect(
      treeFromPaths([
        ["b.x", 1],
        ["b.y", 2],
        ["c", 3],
      ]),
    ).toEqual({ b: { x: 1, y: 2 }, c: 3 });
  });

  it("refuse other structures", () => {
    expect(() => zipTrees(() => 0, tree, { a: 1 } as Tree<number>)).toThrow("different numbers of leaves");
    expect(() => zipTrees(() => 0, { a: 1 } as Tree<number>, { b: 1 } as Tree<number>)).toThrow('no leaf "a"');
    expect(() => unflattenLike(tree, [1])).toThrow("1 leaves for a tree of 4");
  });
});
