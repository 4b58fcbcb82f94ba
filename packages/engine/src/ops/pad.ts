/** Padding with a number, with the mirrored inside, or with the edge repeated. Any axes. */
import { located } from "../graph/place.js";
import { concat, full, type Tensor } from "../graph/tensor.js";
import { describeShape } from "../shape.js";

export type PadMode = "constant" | "reflect" | "edge";

/**
 * Adds `widths[axis] = [before, after]` elements to every axis: `value` (zero without it), the elements next to the edge mirrored
 * without the edge itself (PyTorch's "reflect"; fewer than the axis has), or the edge repeated (PyTorch's "replicate").
 * @throws {ShapeError}
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [before: number, after: number])[],
  mode: PadMode = "constant",
  value = 0,
): Tensor {
  const sound = widths.length === x.rank && widths.flat().every((n) => Number.isInteger(n) && n >= 0);
  if (!sound) {
    const given = widths.map((pair) => describeShape(pair)).join(", ");
    throw located("pad", `${given} are no widths before and after each axis of ${describeShape(x.shape)}`, [x]);
  }
  if (mode === "constant") return padConstant(x, widths, value);
  return widths.reduce((y, [before, after], axis) => {
    if (before === 0 && after === 0) return y;
    const length = y.shape[axis]!;
    const most = mode === "edge" ? (length === 0 ? 0 : Number.POSITIVE_INFINITY) : length - 1;
    if (Math.max(before, after) > most) {
      const wanted = `${before} before and ${after} after axis ${axis}`;
      throw located("pad", `${wanted} of ${describeShape(x.shape)}: it has too few elements for "${mode}"`, [x]);
    }
    const stretched = (at: number, n: number): Tensor =>
      y.slice(axis, at, at + 1).broadcastTo(y.shape.map((size, i) => (i === axis ? n : size)));
    const [left, right] =
      mode === "edge"
        ? [() => stretched(0, before), () => stretched(length - 1, after)]
        : [
            () => y.slice(axis, 1, before + 1).reverse(axis),
            () => y.slice(axis, length - 1 - after, length - 1).reverse(axis),
          ];
    return concat([...(before > 0 ? [left()] : []), y, ...(after > 0 ? [right()] : [])], axis);
  }, x);
}

function padConstant(x: Tensor, widths: readonly (readonly [number, number])[], value: number): Tensor {
  const before = widths.map(([n]) => n);
  const after = widths.map(([, n]) => n);
  const padded = x.pad(before, after);
  if (value === 0) return padded;
  // 0 inside and `value` outside, of size 1 along axes that are not padded.
  const inside = full(
    x.shape.map((n, i) => (before[i] === 0 && after[i] === 0 ? 1 : n)),
    1,
    x.dtype,
  );
  return padded.add(inside.pad(before, after).sub(1).mul(-value));
}
