/**
 * Partial selection: a binary heap over token ids, the token of the largest logit on top. Taking the m best of V tokens costs
 * O(V + m log V), where a full sort would cost O(V log V). Among equal logits the lower id comes first, so that results do
 * not depend on the order of insertion.
 */

/** Fills `heap` with the ids of all tokens that are not forbidden, in heap order, and returns how many they are. */
export function heapify(logits: Float32Array, heap: Int32Array): number {
  let size = 0;
  for (let token = 0; token < logits.length; token++)
    if (logits[token]! > Number.NEGATIVE_INFINITY) heap[size++] = token;
  for (let parent = (size >>> 1) - 1; parent >= 0; parent--) sink(logits, heap, parent, size);
  return size;
}

/** Takes the best token out of a heap of `size` (at least 1): afterwards the first `size - 1` entries are a heap. */
export function pop(logits: Float32Array, heap: Int32Array, size: number): number {
  const best = heap[0]!;
  heap[0] = heap[size - 1]!;
  sink(logits, heap, 0, size - 1);
  return best;
}

function sink(logits: Float32Array, heap: Int32Array, from: number, size: number): void {
  let parent = from;
  for (;;) {
    let best = parent;
    const left = 2 * parent + 1;
    if (left < size && before(logits, heap[left]!, heap[best]!)) best = left;
    if (left + 1 < size && before(logits, heap[left + 1]!, heap[best]!)) best = left + 1;
    if (best === parent) return;
    const token = heap[parent]!;
    heap[parent] = heap[best]!;
    heap[best] = token;
    parent = best;
  }
}

function before(logits: Float32Array, a: number, b: number): boolean {
  const first = logits[a]!;
  const second = logits[b]!;
  return first > second || (first === second && a < b);
}
