/**
 * Trees: nested records and arrays with leaves of one type. Parameters, gradients, optimiser state and batches are trees, and a
 * function over one leaf becomes a function over all of them through `mapTree`. Paths join keys with dots: `blocks.0.attention.qkv`.
 */
import { ArgumentError } from "./errors.js";

export type Tree<Leaf> = Leaf | { readonly [key: string]: Tree<Leaf> } | readonly Tree<Leaf>[];

/** A tree whose root is a record, which most are. */
export type TreeRecord<Leaf> = { readonly [key: string]: Tree<Leaf> };

/** Leaves are objects that are neither plain records nor arrays, or that carry a `shape` or a `dtype`. */
function isBranch(node: unknown): node is Record<string, unknown> | unknown[] {
  if (Array.isArray(node)) return true;
  if (typeof node !== "object" || node === null) return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  return (prototype === Object.prototype || prototype === null) && !("dtype" in node);
}

const joinPath = (path: string, key: string | number): string => (path === "" ? `${key}` : `${path}.${key}`);

/** All leaves with their paths; record keys in sorted order, so that equal trees flatten equally whatever the order of insertion. */
export function flattenTree<Leaf>(tree: Tree<Leaf>, path = ""): [path: string, leaf: Leaf][] {
  if (!isBranch(tree)) return [[path, tree as Leaf]];
  if (Array.isArray(tree)) {
    return (tree as readonly Tree<Leaf>[]).flatMap((child, i) => flattenTree<Leaf>(child, joinPath(path, i)));
  }
  const record = tree as { readonly [key: string]: Tree<Leaf> };
  return Object.keys(record)
    .sort()
    .flatMap((key) => flattenTree<Leaf>(record[key]!, joinPath(path, key)));
}

export const leavesOf = <Leaf>(tree: Tree<Leaf>): Leaf[] => flattenTree(tree).map(([, leaf]) => leaf);

/** Applies `fn` to every leaf; the result has the same structure. */
export function mapTree<A, B>(tree: Tree<A>, fn: (leaf: A, path: string) => B, path = ""): Tree<B> {
  if (!isBranch(tree)) return fn(tree as A, path);
  if (Array.isArray(tree)) {
    return (tree as readonly Tree<A>[]).map((child, i) => mapTree<A, B>(child, fn, joinPath(path, i)));
  }
  const record = tree as { readonly [key: string]: Tree<A> };
  const out: Record<string, Tree<B>> = {};
  for (const key of Object.keys(record).sort()) out[key] = mapTree(record[key]!, fn, joinPath(path, key));
  return out;
}

/** Applies `fn` to the corresponding leaves of trees of one structure. @throws {ArgumentError} where structures differ. */
export function zipTrees<A, B>(fn: (leaves: A[], path: string) => B, ...trees: Tree<A>[]): Tree<B> {
  const flat = trees.map((tree) => new Map(flattenTree(tree)));
  for (const other of flat) {
    if (other.size !== flat[0]!.size) throw new ArgumentError("zipTrees: the trees have different numbers of leaves");
  }
  return mapTree(trees[0]!, (_, path) =>
    fn(
      flat.map((leaves) => {
        const leaf = leaves.get(path);
        if (leaf === undefined) throw new ArgumentError(`zipTrees: one of the trees has no leaf "${path}"`);
        return leaf;
      }),
      path,
    ),
  );
}

/** Puts leaves (in the order of `flattenTree`) back into the structure of `like`. */
export function unflattenLike<A, B>(like: Tree<A>, leaves: readonly B[]): Tree<B> {
  const paths = flattenTree(like).map(([path]) => path);
  if (paths.length !== leaves.length) {
    throw new ArgumentError(`unflattenLike: ${leaves.length} leaves for a tree of ${paths.length}`);
  }
  const byPath = new Map(paths.map((path, i) => [path, leaves[i]!]));
  return mapTree(like, (_, path) => byPath.get(path)!);
}

/** Builds nested records from dotted paths, the inverse of `flattenTree` for trees made of records only. */
export function treeFromPaths<Leaf>(entries: Iterable<readonly [string, Leaf]>): TreeRecord<Leaf> {
  const root: Record<string, Tree<Leaf>> = {};
  for (const [path, leaf] of entries) {
    const keys = path.split(".");
    const last = keys.pop()!;
    let branch = root;
    for (const key of keys) {
      branch[key] ??= {};
      branch = branch[key] as Record<string, Tree<Leaf>>;
    }
    branch[last] = leaf;
  }
  return root;
}
