import { compile, type HostTensor, hostTensor, RandomKey, type Tensor, type TreeRecord } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { adamw } from "./adamw.js";
import { muon, newtonSchulz } from "./muon.js";
import { gradientTensor, startAt, takeSteps } from "./optimiser.test-helpers.js";

type Matrix = number[][];

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));

/** Eigenvectors (columns) and eigenvalues of a symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan, section 8.5). */
function jacobi(symmetric: Matrix): { vectors: Matrix; values: number[] } {
  const n = symmetric.length;
  let a = symmetric.map((row) => [...row]);
  let vectors: Matrix = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!);
        const rotation: Matrix = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
        rotation[p]![p] = Math.cos(angle);
        rotation[q]![q] = Math.cos(angle);
        rotation[p]![q] = Math.sin(angle);
        rotation[q]![p] = -Math.sin(angle);
        a = product(product(transposed(rotation), a), rotation);
        vectors = product(vectors, rotation);
      }
    }
  }
  return { vectors, values: a.map((row, i) => row[i]!) };
}

const rowsOf = ({ data, shape }: HostTensor): Matrix => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)].map(Number));
};

/** Uᵀ Y V where X = U S Vᵀ: diagonal if Y has X's singular vectors, and then its diagonal has Y's singular values. */
function inSingularBasis(x: Matrix, y: Matrix): Matrix {
  const { vectors: u, values } = jacobi(product(x, transposed(x)));
  const v = transposed(product(transposed(u), x).map((row, i) => row.map((value) => value / Math.sqrt(values[i]!))));
  return product(product(transposed(u), y), v);
}

describe("Newton–Schulz", () => {
  it.each([
    [4, 4],
    [3, 7],
    [6, 24],
  ])("brings the singular values of a %d × %d matrix near 1 and keeps its singular vectors", async (rows, columns) => {
    const count = 3;
    const data = RandomKey.fromSeed(5).normal(new Float32Array(count * rows * columns), 0, 7);
    const run = compile(({ x }: { x: Tensor }) => ({ y: newtonSchulz(x) }));
    const { y } = await run({ x: hostTensor(data, [count, rows, columns]) });
    await run.release();
    for (let i = 0; i < count; i++) {
      const one = (all: HostTensor["data"]): Matrix =>
        rowsOf(
          hostTensor(Float32Array.from(all.subarray(i * rows * columns, (i + 1) * rows * columns)), [rows, columns]),
        );
      inSingularBasis(one(data), one(y.data)).forEach((row, r) => {
        row.forEach((value, c) => {
          if (r === c) {
            expect(value).toBeGreaterThan(0.6);
            expect(value).toBeLessThan(1.3);
          } else expect(Math.abs(value)).toBeLessThan(1e-4);
        });
      });
    }
  });

  it("leaves zero at zero", async () => {
    const run = compile(({ x }: { x: Tensor }) => ({ y: newtonSchulz(x) }));
    const { y } = await run({ x: hostTensor(new Float32Array(6), [1, 2, 3]) });
    expect([...y.data]).toEqual([0, 0, 0, 0, 0, 0]);
    await run.release();
  });
});

const rest = adamw({ learningRate: 0.1 });
const dataOf = (tree: TreeRecord<HostTensor>, name: string): number[] =>
  [...(tree[name] as HostTensor).data].map(Number);

describe("Muon", () => {
  // torch.optim.Muon([w.T], lr=0.1, weight_decay=0.1, momentum=0.9, nesterov=True, adjust_lr_fn="original") of PyTorch 2.13, with the
  // bfloat16 of its Newton–Schulz iteration replaced by float64; w [in, out] starting at cos(i), gradients sin(0.7 i + t + 1), three steps.
  it.each([
    {
      shape: [2, 4],
      expected: [
        0.8171914554, 0.5131183895, -0.2677144881, -0.7413045518, -0.5276390399, 0.4593872796, 1.1067531562,
        0.8152095499,
      ],
    },
    {
      shape: [3, 2],
      expected: [0.8250167412, 0.5043655736, -0.5041504603, -0.7798341578, -0.5230645219, 0.3565710246],
    },
  ])("moves a $shape matrix as torch.optim.Muon does", async ({ shape, expected }) => {
    const optimiser = muon({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1, matrices: () => true, rest });
    const steps = [0, 1, 2].map((t) => ({ grads: { w: gradientTensor(t, shape) } }));
    const { params } = await takeSteps(optimiser, { w: startAt(shape) }, steps);
    dataOf(params, "w").forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-5);
    });
  });

  it("orthogonalises every block of columns by itself", async () => {
    const columns = (x: HostTensor, from: number, to: number): HostTensor =>
      hostTensor(Float32Array.from(rowsOf(x).flatMap((row) => row.slice(from, to))), [x.shape[0]!, to - from]);
    const w = startAt([4, 12]);
    const g = hostTensor(RandomKey.fromSeed(9).normal(new Float32Array(48)), [4, 12]);
    const settings = { learningRate: 0.1, matrices: () => true, rest };
    const joint = await takeSteps(muon({ ...settings, blocks: () => 3 }), { w }, [{ grads: { w: g } }]);
    const parts = await takeSteps(
      muon(settings),
      Object.fromEntries([0, 1, 2].map((i) => [`${i}`, columns(w, 4 * i, 4 * i + 4)])),
      [{ grads: Object.fromEntries([0, 1, 2].map((i) => [`${i}`, columns(g, 4 * i, 4 * i + 4)])) }],
    );
    for (const i of [0, 1, 2]) {
      const part = rowsOf(joint.params.w as HostTensor).flatMap((row) => row.slice(4 * i, 4 * i + 4));
      part.forEach((value, j) => {
        expect(Math.abs(value - dataOf(parts.params, `${i}`)[j]!)).toBeLessThan(1e-6);
      });
    }
    // One orthogonalisation of all twelve columns is something else.
    const whole = await takeSteps(muon(settings), { w }, [{ grads: { w: g } }]);
    const differences = dataOf(whole.params, "w").map((value, i) => Math.abs(value - dataOf(joint.params, "w")[i]!));
    expect(Math.max(...differences)).toBeGreaterThan(0.01);
  });

  it("moves a kernel as the matrix from a patch to the channels", async () => {
    // (3, 2, 2, 2): of a patch of 8 numbers three channels, so the matrix (8, 3) has the kernel's rows as columns.
    const kernel = [3, 2, 2, 2];
    const columns = (x: HostTensor): HostTensor => {
      const rows = rowsOf(hostTensor(Float32Array.from(x.data), [3, 8]));
      return hostTensor(Float32Array.from(transposed(rows).flat()), [8, 3]);
    };
    const optimiser = muon({ learningRate: 0.1, weightDecay: 0.1, matrices: () => true, rest });
    const gradients = [0, 1, 2].map((t) => gradientTensor(t, kernel));
    const moved = await takeSteps(
      optimiser,
      { w: startAt(kernel) },
      gradients.map((w) => ({ grads: { w } })),
    );
    const matrix = await takeSteps(
      optimiser,
      { w: columns(startAt(kernel)) },
      gradients.map((w) => ({ grads: { w: columns(w) } })),
    );
    const found = moved.params.w as HostTensor;
    expect(found.shape).toEqual(kernel);
    const expected = dataOf(matrix.params, "w");
    [...columns(found).data].forEach((value, i) => {
      expect(Math.abs(Number(value) - expected[i]!)).toBeLessThan(1e-6);
    });
    expect(Math.abs(expected[0]! - 1)).toBeGreaterThan(0.01);
  });

  it("leaves vectors and unselected matrices to the other optimiser", async () => {
    const params = { blocks: { w: startAt([2, 2]), scale: startAt([2], 1) }, embedding: startAt([3, 2], 2) };
    const grads = (t: number) => ({
      blocks: { w: gradientTensor(t, [2, 2]), scale: gradientTensor(t, [2], 1) },
      embedding: gradientTensor(t, [3, 2], 2),
    });
    const steps = [0, 1, 2].map((t) => ({ grads: grads(t) }));
    const mixed = await takeSteps(
      muon({ learningRate: 0.02, matrices: (path) => path.startsWith("blocks."), rest }),
      params,
      steps,
    );
    const alone = await takeSteps(rest, params, steps);
    const blocks = (tree: TreeRecord<HostTensor>): TreeRecord<HostTensor> => tree.blocks as TreeRecord<HostTensor>;
    expect(dataOf(mixed.params, "embedding")).toEqual(dataOf(alone.params, "embedding"));
    expect(dataOf(blocks(mixed.params), "scale")).toEqual(dataOf(blocks(alone.params), "scale"));
    expect(dataOf(blocks(mixed.params), "w")).not.toEqual(dataOf(blocks(alone.params), "w"));
  });
});
