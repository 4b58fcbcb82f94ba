/**
 * The latents of many pictures, in memory in the form that takes least of it: vectors as they are, grids of code vectors as the codes.
 *
 * N: pictures, D: numbers of a code vector, K: codes.
 */
import type { Values } from "../picture-family.js";
import type { ValueRows } from "../value-rows.js";

/** Latents read at once. */
const SLICE = 512;

function rowsOf(length: number, width: number, read: ValueRows["read"]): ValueRows {
  return {
    length,
    width,
    read,
    each(use) {
      for (let from = 0; from < length; from += SLICE) {
        const places = Array.from({ length: Math.min(SLICE, length - from) }, (_, i) => from + i);
        read(places).forEach((value, i) => {
          use(from + Math.floor(i / width), i % width, value);
        });
      }
    },
  };
}

/** @param vectors (N, width) */
export const vectorRows = (vectors: Float32Array, width: number): ValueRows =>
  rowsOf(vectors.length / width, width, (indices) => {
    const rows: Values = new Float32Array(indices.length * width);
    for (let i = 0; i < indices.length; i++) {
      rows.set(vectors.subarray(indices[i]! * width, (indices[i]! + 1) * width), i * width);
    }
    return rows;
  });

export interface Codebook {
  /** (K, D) */
  readonly vectors: Float32Array;
  /** D */
  readonly depth: number;
}

/** @param codes (N, area), @param area places of a grid */
export const codeRows = (codes: Int32Array, area: number, codebook: Codebook): ValueRows =>
  rowsOf(codes.length / area, area * codebook.depth, (indices) => {
    const some = new Int32Array(indices.length * area);
    for (let i = 0; i < indices.length; i++) {
      some.set(codes.subarray(indices[i]! * area, (indices[i]! + 1) * area), i * area);
    }
    return vectorsAt(some, area, codebook);
  });

/** Codes (N, area) → their vectors, channels first: (N, D, area) */
export function vectorsAt(codes: Int32Array, area: number, { vectors, depth }: Codebook): Values {
  const grids: Values = new Float32Array(codes.length * depth);
  codes.forEach((code, i) => {
    const grid = Math.floor(i / area) * depth * area + (i % area);
    for (let d = 0; d < depth; d++) grids[grid + d * area] = vectors[code * depth + d]!;
  });
  return grids;
}

/** (N, D, area) → at every place the code whose vector is nearest: (N, area) */
export function nearestCodes(grids: Float32Array, area: number, { vectors, depth }: Codebook): Int32Array {
  return Int32Array.from({ length: grids.length / depth }, (_, i) => {
    const grid = Math.floor(i / area) * depth * area + (i % area);
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let code = 0, at = 0; at < vectors.length; code++, at += depth) {
      let distance = 0;
      for (let d = 0; d < depth; d++) distance += (grids[grid + d * area]! - vectors[at + d]!) ** 2;
      if (distance < least) [nearest, least] = [code, distance];
    }
    return nearest;
  });
}
