/**
 * The codebook of a VQ-VAE: vectors are replaced by the nearest of K codes. Codes are not trained by gradients; each is the moving average of
 * the vectors that chose it (van den Oord et al. 2017, appendix A.1). A code that hardly any vector chooses is taken anew from the batch
 * (Dhariwal et al. 2020, "Jukebox", section 3.1).
 *
 * N: vectors in a batch, D: their width, K: codes.
 */
import { type Scope, type Tensor, zeros } from "@atelier/engine";

export interface CodebookSettings {
  /** K */
  readonly codes: number;
  /** D */
  readonly width: number;
  /** γ: what the averages keep of themselves at a batch. */
  readonly decay: number;
  /** Codes chosen less often than this share of N / K are taken anew; 0 for never. */
  readonly revival: number;
}

/** Added to every count, so that no code is divided by nothing (Laplace smoothing). */
const SMOOTHING = 1e-5;

export interface Quantised {
  /** (N, D): the codes, through which gradients pass to z as if they were z (the straight-through estimator, section 3.2) */
  readonly codes: Tensor;
  /** (N) int32 */
  readonly indices: Tensor;
  /** The mean of (z − code)², through which gradients flow to z alone: () */
  readonly commitment: Tensor;
  /** e to the entropy of how often codes are chosen in this batch: as many codes chosen equally often would have it. () */
  readonly perplexity: Tensor;
}

/**
 * z: (N, D). While `scope.training` the codebook moves on, after z was quantised with what it was before; the first batch of all sets it, to
 * vectors of its own.
 */
export function quantise(scope: Scope, settings: CodebookSettings, z: Tensor): Quantised {
  const given = z.stopGradient();
  const even = z.shape[0]! / settings.codes;
  let averages = averagesOf(scope, settings);
  const drawn = scope.training ? drawRows(scope, given, settings.codes) : undefined;
  if (drawn !== undefined) {
    const untrained = averages.counts.sum().equal(0);
    averages = {
      counts: untrained.select(even, averages.counts),
      sums: untrained.select(drawn.mul(even), averages.sums),
    };
  }
  const codebook = codesOf(averages); // (K, D)
  const indices = nearest(codebook, given);
  const codes = codebook.gather(indices); // (N, D)
  const chosen = indices.oneHot(settings.codes); // (N, K)
  const counts = chosen.sum(0); // (K)
  if (drawn !== undefined) {
    const { decay, revival } = settings;
    const moved = {
      counts: averages.counts.mul(decay).add(counts.mul(1 - decay)),
      sums: averages.sums.mul(decay).add(
        chosen
          .transpose()
          .matmul(given)
          .mul(1 - decay),
      ),
    };
    // A new code counts as one of even use, so that it has some time before it is judged.
    const dead = moved.counts.less(revival * even); // (K)
    scope.setBuffer("counts", dead.select(even, moved.counts));
    scope.setBuffer("sums", dead.expandDims(1).select(drawn.mul(even), moved.sums));
  }
  const shares = counts.mul(1 / z.shape[0]!);
  return {
    codes: z.add(codes.sub(given).stopGradient()),
    indices,
    commitment: z.sub(codes).square().mean(),
    perplexity: shares.mul(shares.maximum(1e-10).log()).sum().neg().exp(),
  };
}

/** indices: (N) int32 → (N, D) */
export const codesAt = (scope: Scope, settings: CodebookSettings, indices: Tensor): Tensor =>
  codesOf(averagesOf(scope, settings)).gather(indices);

/** Of each code, how often it is chosen in a batch, (K), and the sum of what chooses it, (K, D). */
interface Averages {
  readonly counts: Tensor;
  readonly sums: Tensor;
}

const averagesOf = (scope: Scope, { codes, width }: CodebookSettings): Averages => ({
  counts: scope.buffer("counts", [codes], zeros),
  sums: scope.buffer("sums", [codes, width], zeros),
});

/** The codebook: sums / counts, where counts are smoothed and still add up to what they did. (K, D) */
function codesOf({ counts, sums }: Averages): Tensor {
  const total = counts.sum();
  const smoothed = counts
    .add(SMOOTHING)
    .mul(total)
    .div(total.add(counts.shape[0]! * SMOOTHING));
  // Nothing is there before the first batch.
  return sums.div(smoothed.maximum(1e-20).expandDims(1));
}

/** The index of the code nearest to each vector: that of the largest z · e − |e|² / 2. (N) */
function nearest(codebook: Tensor, z: Tensor): Tensor {
  const offsets = codebook.square().sum(1).mul(0.5); // (K)
  return z.matmul(codebook.transpose()).sub(offsets).argMax(1);
}

/** Vectors of the batch at random, with replacement: (K, D) */
function drawRows(scope: Scope, z: Tensor, count: number): Tensor {
  const places = scope.random("revival", [count], { kind: "uniform", low: 0, high: z.shape[0]! });
  // What is rounded up to the end of the range is brought back.
  return z.gather(
    places
      .floor()
      .cast("int32")
      .minimum(z.shape[0]! - 1),
  );
}
