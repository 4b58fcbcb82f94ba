/**
 * Many pictures as rows of numbers: features from an extractor, or decoded bytes. All figures of pictures here are functions of such
 * matrices, so none of them knows where the numbers come from.
 */
import { ArgumentError, type RandomKey } from "@atelier/engine";

export interface FeatureMatrix {
  /** (rows, width), row after row. */
  readonly values: Float32Array | Float64Array | Uint8Array;
  readonly rows: number;
  readonly width: number;
}

/**
 * Rows of `width` numbers that lie one after another.
 * @throws {ArgumentError} for no rows, a remainder, or a number that is not finite.
 */
export function featureMatrix(values: FeatureMatrix["values"], width: number, name = "features"): FeatureMatrix {
  if (!Number.isInteger(width) || width < 1 || values.length === 0 || values.length % width !== 0) {
    throw new ArgumentError(`The ${name} are ${values.length} numbers, which are no rows of ${width}`, {
      hint: "Give one row of the same width for every picture.",
    });
  }
  if (!(values instanceof Uint8Array)) {
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i])) continue;
      const place = `row ${Math.floor(i / width)}, column ${i % width}`;
      throw new ArgumentError(`The ${name} have ${values[i]} in ${place}`, {
        hint: "Only finite numbers can be compared: look at the picture it came from, and at the extractor.",
      });
    }
  }
  return { values, rows: values.length / width, width };
}

/**
 * A matrix of lists of numbers.
 * @throws {ArgumentError} for no rows, rows of different lengths, or a number that is not finite.
 */
export function featureMatrixOf(rows: readonly (readonly number[])[], name = "features"): FeatureMatrix {
  const width = rows[0]?.length ?? 0;
  const ragged = rows.findIndex((row) => row.length !== width);
  if (ragged !== -1) {
    throw new ArgumentError(
      `Row ${ragged} of the ${name} has ${rows[ragged]!.length} numbers, and row 0 has ${width}`,
      {
        hint: "All rows come from one extractor and are equally wide.",
      },
    );
  }
  const values = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    values.set(row, i * width);
  });
  return featureMatrix(values, width, name);
}

/** The rows of these numbers, in this order. */
export function takeRows({ values, width }: FeatureMatrix, indices: Uint32Array): FeatureMatrix {
  const taken = new Float64Array(indices.length * width);
  indices.forEach((row, i) => {
    taken.set(values.subarray(row * width, (row + 1) * width), i * width);
  });
  return { values: taken, rows: indices.length, width };
}

/** `count` different rows drawn at random; the matrix itself where that is all of them. */
export const drawRows = (matrix: FeatureMatrix, count: number, key: RandomKey): FeatureMatrix =>
  count >= matrix.rows ? matrix : takeRows(matrix, key.permutation(matrix.rows).subarray(0, count));

/** @throws {ArgumentError} where two matrices are not of one width. */
export function requireSameWidth(a: FeatureMatrix, b: FeatureMatrix): void {
  if (a.width === b.width) return;
  throw new ArgumentError(`Rows of ${a.width} numbers cannot be compared with rows of ${b.width}`, {
    hint: "Take both from the same extractor, at the same size of picture.",
  });
}
