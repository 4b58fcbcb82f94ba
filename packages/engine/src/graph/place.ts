/**
 * Where the trace stands, and how errors say it: the operation, the place in the model, and the parameters involved.
 */
import { ShapeError } from "../errors.js";
import type { Tensor } from "./tensor.js";

/** Where the trace stands: pushed by scopes, recorded on nodes, named in errors. */
let currentPath = "";

export const currentPlace = (): string => currentPath;

/** Runs `fn` with `path` recorded on every node it makes. */
export function withPath<T>(path: string, fn: () => T): T {
  const previous = currentPath;
  currentPath = path;
  try {
    return fn();
  } finally {
    currentPath = previous;
  }
}

/** What tensors are called in messages where they are no leaves with names of their own. */
const labels = new WeakMap<Tensor, string>();

/** Gives a tensor the name that errors call it by: scopes name what they hand out. Returns it. */
export function labelled(x: Tensor, name: string): Tensor {
  if (!labels.has(x)) labels.set(x, name);
  return x;
}

/** Operations that only move the elements of their first input, through which a parameter is still itself. */
const MOVES = new Set([
  "reshape",
  "transpose",
  "slice",
  "split",
  "broadcastTo",
  "reverse",
  "pad",
  "cast",
  "stopGradient",
]);

/** The name of a tensor, or of the parameter it is a view of. */
function nameOf(x: Tensor): string | undefined {
  for (let at = x; ; at = at.node.inputs[0]!) {
    const own = at.node.attributes.name;
    const name = typeof own === "string" ? own : labels.get(at);
    if (name !== undefined || !MOVES.has(at.node.op)) return name;
  }
}

/** A shape error that says where it happened: the operation, the place in the model, and the parameters involved. */
export function located(op: string, message: string, involved: readonly Tensor[], hint?: string): ShapeError {
  const names = [...new Set(involved.map(nameOf))].filter((name) => name !== undefined);
  const place = currentPath === "" ? "" : ` in ${currentPath}`;
  const named = names.length === 0 ? "" : ` (${names.map((name) => `"${name}"`).join(", ")})`;
  return new ShapeError(`${op}${place}: ${message}${named}`, { hint });
}
