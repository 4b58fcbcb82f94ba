/**
 * The one seam between conditions and backbones: whatever is asked for becomes at most one vector, one sequence of tokens and one grid,
 * and a backbone sees nothing else.
 *
 * B: batch, D: width.
 */
import {
  ArgumentError,
  concat,
  describeShape,
  equalShapes,
  full,
  normal,
  resizeBilinear,
  type Scope,
  silu,
  type Tensor,
} from "@atelier/engine";
import { keeping, requireCounts } from "../backbones/settings.js";
import { type LinearOptions, linear } from "../layers/linear.js";
import { type Condition, checkConditions, conditionShape, type PictureSize } from "./condition.js";
import { encodeTokens } from "./text-encoder.js";
import { timeEmbedding } from "./time-embedding.js";

/** What a backbone is conditioned on; empty for none. */
export interface Conditioning {
  /** (B, D): the sum of all labels, vectors, pooled tokens and the time. */
  readonly vector?: Tensor;
  readonly tokens?: {
    /** (B, T, D) */
    readonly values: Tensor;
    /** (B, T) float32: 1 for tokens, 0 for padding. At least one of a row is 1. */
    readonly mask: Tensor;
  };
  /** (B, C, H, W): each grid, followed by a channel that is 1 where the grid is given and 0 where it is not. */
  readonly grid?: Tensor;
}

export interface EmbeddingOptions {
  /** D, even where there is a time. */
  readonly width: number;
  /** The picture's height and width, to which grids of another size are resized. */
  readonly size?: PictureSize | undefined;
  /** (B) float32, the time of a diffusion process, in steps (see `timeEmbedding`): one more source of the vector. */
  readonly time?: Tensor | undefined;
  /** By the name of a condition, (B) bool: true in rows that get its null value, whatever their value says. */
  readonly absent?: Readonly<Record<string, Tensor>> | undefined;
}

/**
 * Labels, vectors, tokens and grids as what backbones take. While `scope.training`, a null value stands in for a condition in a row with
 * its probability `drop`, for each condition by itself. The null value of a label and of a vector is a learned vector of its own, that of
 * tokens the empty prompt, that of a grid zeros and a 0 in the channel beside it.
 *
 * @param values by the names of the conditions, shaped as `Condition` says
 * @throws {ArgumentError} for impossible settings, and for values that are missing or have another shape
 */
export function embedConditions(
  scope: Scope,
  conditions: readonly Condition[],
  values: Readonly<Record<string, Tensor>>,
  { width, size, time, absent = {} }: EmbeddingOptions,
): Conditioning {
  requireCounts("embedConditions", { width });
  checkConditions(conditions);
  const vectors: Tensor[] = []; // (B, D) each
  const sequences: { readonly values: Tensor; readonly mask: Tensor }[] = [];
  const grids: Tensor[] = [];
  if (time !== undefined) {
    vectors.push(
      scope.at("time", (s) => {
        const hidden = silu(linear(s.at("expand"), timeEmbedding(time, width), width, affine(width)));
        return linear(s.at("contract"), hidden, width, affine(width));
      }),
    );
  }
  for (const condition of conditions) {
    const value = requireValues(condition, values);
    scope.at(condition.role).at(condition.name, (s) => {
      const missing = missingRows(s, condition, value.shape[0]!, absent[condition.name]);
      switch (condition.role) {
        case "label":
          vectors.push(embedLabel(s, value, condition.classes, width, missing));
          return;
        case "vector": {
          const mapped = linear(s, value, width, affine(condition.width));
          const none = s.param("none", [width], normal(1));
          vectors.push(missing === undefined ? mapped : missing.expandDims(-1).select(none, mapped));
          return;
        }
        case "tokens": {
          const tokens = missing === undefined ? value : missing.expandDims(-1).select(-1, value);
          const encoded = encodeTokens(s, tokens, condition.vocabulary, width);
          vectors.push(linear(s.at("pooled"), encoded.pooled, width, affine(width)));
          sequences.push(encoded);
          return;
        }
        case "grid":
          grids.push(markedGrid(value, size, missing));
      }
    });
  }
  return {
    ...(vectors.length > 0 && { vector: vectors.reduce((a, b) => a.add(b)) }),
    ...(sequences.length > 0 && {
      tokens: {
        values: concat(
          sequences.map((x) => x.values),
          1,
        ),
        mask: concat(
          sequences.map((x) => x.mask),
          1,
        ),
      },
    }),
    ...(grids.length > 0 && { grid: concat(grids, 1) }),
  };
}

const affine = (fanIn: number): LinearOptions => ({ bias: true, weight: keeping(fanIn) });

/** A row of the table for each class, and one more for none. */
function embedLabel(scope: Scope, labels: Tensor, classes: number, width: number, missing: Tensor | undefined): Tensor {
  const table = scope.param("embedding", [classes + 1, width], normal(1));
  const unknown = labels.less(0);
  const none = missing === undefined ? unknown : unknown.or(missing);
  return table.gather(none.select(classes, labels)); // (B, D)
}

/** (B, C, H, W) → (B, C + 1, H, W) */
function markedGrid(grid: Tensor, size: PictureSize | undefined, missing: Tensor | undefined): Tensor {
  const [batch, , ...own] = grid.shape as [number, number, number, number];
  const fitted = size === undefined || equalShapes(own, size) ? grid : resizeBilinear(grid, size);
  const present = missing === undefined ? full([batch], 1) : missing.not().cast("float32"); // (B)
  const column = present.reshape([batch, 1, 1, 1]);
  return concat([fitted.mul(column), column.broadcastTo([batch, 1, ...fitted.shape.slice(2)])], 1);
}

/** The rows (B) bool that get the null value; undefined where none can. */
function missingRows(scope: Scope, { drop }: Condition, batch: number, absent: Tensor | undefined): Tensor | undefined {
  if (!scope.training || drop === 0) return absent;
  const dropped = scope.random("drop", [batch], { kind: "bernoulli", probability: drop });
  return absent === undefined ? dropped : absent.or(dropped);
}

function requireValues(condition: Condition, values: Readonly<Record<string, Tensor>>): Tensor {
  const { name, role } = condition;
  const value = values[name];
  if (value === undefined) {
    const given = Object.keys(values).join(", ") || "none";
    throw new ArgumentError(`The condition "${name}" (${role}) has no values; given: ${given}`);
  }
  // A batch and a grid have the sizes that they have.
  const [batch = 1, , height = 1, across = 1] = value.shape;
  const expected = conditionShape(condition, batch, [height, across]);
  if (!equalShapes(value.shape, expected)) {
    throw new ArgumentError(
      `The condition "${name}" (${role}) takes values of the shape ${describeShape(expected)}, got ${describeShape(value.shape)}`,
    );
  }
  return value;
}
