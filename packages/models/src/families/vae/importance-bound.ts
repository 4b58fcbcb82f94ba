/** The importance-weighted bound of log p(x) from sums that were made over several calls. */
import { ArgumentError } from "@atelier/engine";

/**
 * log (1 / K Σₖ wₖ), for each picture, where each of `sums` is what `vaeImportanceSum` gives for some of the K samples. (Burda et al. 2016)
 *
 * @param sums (B) each, in nats
 * @param samples K: how many there were in all of the sums together
 * @throws {ArgumentError} where there are no sums, or they are of different numbers of pictures
 */
export function importanceBound(sums: readonly ArrayLike<number>[], samples: number): Float64Array {
  const [first] = sums;
  if (first === undefined || sums.some(({ length }) => length !== first.length)) {
    throw new ArgumentError("importanceBound: one sum or more is needed, all of the same number of pictures");
  }
  return Float64Array.from({ length: first.length }, (_, row) => {
    const largest = Math.max(...sums.map((sum) => sum[row]!));
    const total = sums.reduce((all, sum) => all + Math.exp(sum[row]! - largest), 0);
    return largest + Math.log(total / samples);
  });
}
