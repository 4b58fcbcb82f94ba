/**
 * Chen and Goodman's formulas written down as they stand, by scanning the stream for every count: slow, obvious, and sharing no
 * code with the model. The stream is taken to be preceded by a start symbol, which counts as a predecessor and nothing else.
 */

const key = (tokens: readonly number[]): string => tokens.join(" ");

/** c(g) of every k-gram of the stream. */
function occurrences(stream: readonly number[], k: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + k <= stream.length; i++) {
    const gram = key(stream.slice(i, i + k));
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** N1+(• g) of every k-gram of the stream. */
function continuations(stream: readonly number[], k: number): Map<string, number> {
  const before = new Map<string, Set<number | "start">>();
  for (let i = 0; i + k <= stream.length; i++) {
    const gram = key(stream.slice(i, i + k));
    before.set(gram, (before.get(gram) ?? new Set()).add(i === 0 ? "start" : stream[i - 1]!));
  }
  return new Map([...before].map(([gram, set]) => [gram, set.size]));
}

function discountsOf(counts: Map<string, number>): [number, number, number] {
  const n = (r: number): number => [...counts.values()].filter((count) => count === r).length;
  const y = n(1) / (n(1) + 2 * n(2));
  const d1 = 1 - 2 * y * (n(2) / n(1));
  const d2 = 2 - 3 * y * (n(3) / n(2));
  const d3 = 3 - 4 * y * (n(4) / n(3));
  const sound = n(1) > 0 && n(2) > 0 && n(3) > 0 && n(4) > 0 && d1 > 0 && d2 > 0 && d3 > 0;
  return sound ? [d1, d2, d3] : [0.5, 1, 1.5];
}

/** p(w | h) of the model whose order is one more than the length of the context. */
export function bruteForce(
  stream: readonly number[],
  vocabulary: number,
): (context: readonly number[], token: number) => number {
  const tables = new Map<string, { counts: Map<string, number>; discounts: [number, number, number] }>();
  const table = (k: number, top: boolean) => {
    const name = `${k} ${top}`;
    const known = tables.get(name);
    if (known) return known;
    const counts = top ? occurrences(stream, k) : continuations(stream, k);
    const made = { counts, discounts: discountsOf(counts) };
    tables.set(name, made);
    return made;
  };
  const probability = (context: readonly number[], token: number, top: boolean): number => {
    const { counts, discounts } = table(context.length + 1, top);
    const count = (w: number): number => counts.get(key([...context, w])) ?? 0;
    const all = Array.from({ length: vocabulary }, (_, w) => count(w));
    const total = all.reduce((sum, c) => sum + c, 0);
    const shorter = context.length === 0 ? 1 / vocabulary : probability(context.slice(1), token, false);
    if (total === 0) return shorter;
    const [d1, d2, d3] = discounts;
    const d = (c: number): number => (c === 0 ? 0 : c === 1 ? d1 : c === 2 ? d2 : d3);
    const n1 = all.filter((c) => c === 1).length;
    const n2 = all.filter((c) => c === 2).length;
    const n3 = all.filter((c) => c >= 3).length;
    return Math.max(count(token) - d(count(token)), 0) / total + ((d1 * n1 + d2 * n2 + d3 * n3) / total) * shorter;
  };
  return (context, token) => probability(context, token, true);
}

/** Whether the discounts of occurrence counts of k-grams are estimates rather than the fall-back. */
export function hasEstimatedDiscounts(stream: readonly number[], k: number): boolean {
  return key(discountsOf(occurrences(stream, k))) !== "0.5 1 1.5";
}
