/**
 * The positions of a token stream in the order of what follows them, looking `depth` tokens ahead. With the positions so
 * sorted, every n-gram up to that depth is one run of neighbours: counting n-grams becomes a walk down the list.
 *
 * Radix sort, least significant token first: `depth` stable counting passes, no comparisons, two integer arrays.
 */

/**
 * @param tokens each from 0 to `vocabulary - 1`
 * @returns a permutation of 0 … tokens.length - 1; a suffix that ends within `depth` comes before its continuations
 */
export function orderSuffixes(tokens: Int32Array, vocabulary: number, depth: number): Int32Array {
  const length = tokens.length;
  let current = Int32Array.from({ length }, (_, position) => position);
  let next = new Int32Array(length);
  const starts = new Int32Array(vocabulary + 2); // bucket 0 is "past the end", bucket t + 1 is token t
  for (let offset = depth - 1; offset >= 0; offset--) {
    starts.fill(0);
    starts[1] = Math.min(offset, length);
    for (let i = offset; i < length; i++) starts[tokens[i]! + 2]!++;
    for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket]! += starts[bucket - 1]!;
    for (let i = 0; i < length; i++) {
      const position = current[i]!;
      const at = position + offset;
      const bucket = at < length ? tokens[at]! + 1 : 0;
      next[starts[bucket]!++] = position;
    }
    [current, next] = [next, current];
  }
  return current;
}

/** For neighbours in `order`: how many leading tokens (at most `depth`, at most 255) each suffix shares with the one before it. */
export function sharedPrefixes(tokens: Int32Array, order: Int32Array, depth: number): Uint8Array {
  const shared = new Uint8Array(order.length);
  for (let i = 1; i < order.length; i++) {
    const a = order[i - 1]!;
    const b = order[i]!;
    const limit = Math.min(depth, tokens.length - Math.max(a, b));
    let same = 0;
    while (same < limit && tokens[a + same] === tokens[b + same]) same++;
    shared[i] = same;
  }
  return shared;
}
