/** Measures one device's float32 matrix product and prints it as JSON: `node measure-device.js cpu 2`. Run by `atelier doctor`. */
import { compile, type Device, hostTensor, RandomKey, type Tensor } from "@atelier/engine";

const SIDE = 1024;
const CHAIN = 4;

async function measure(device: Device, threads: number): Promise<number> {
  // A chain of products, so that moving data in and out does not count for much.
  const run = compile(
    ({ a, b }: { a: Tensor; b: Tensor }) => {
      let product = a;
      for (let i = 0; i < CHAIN; i++) product = product.matmul(b);
      return { sum: product.sum() };
    },
    { device, threads, strict: device !== "cpu" },
  );
  const square = (name: string) =>
    hostTensor(
      RandomKey.fromSeed(0)
        .split(name)
        .normal(new Float32Array(SIDE * SIDE), 0, 1 / 32),
      [SIDE, SIDE],
    );
  const inputs = { a: square("a"), b: square("b") };
  await run(inputs);
  let best = Number.POSITIVE_INFINITY;
  const until = performance.now() + 1000;
  do {
    const startedAt = performance.now();
    await run(inputs);
    best = Math.min(best, performance.now() - startedAt);
  } while (performance.now() < until);
  return (CHAIN * 2 * SIDE ** 3) / best / 1e6;
}

const [device, threads] = process.argv.slice(2);
measure(device as Device, Number(threads)).then(
  (gflops) => console.log(JSON.stringify({ gflops, reason: null })),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    // ONNX Runtime's messages carry source paths and checks, and go over several lines.
    const reason = message
      .replace(/^.*could not prepare the graph for \w+: /, "")
      .replace(/^Ort\w+: /, "")
      .replace(/^\/onnxruntime_src\/.* was false\. /, "")
      .split("\n")[0]!
      .slice(0, 160);
    console.log(JSON.stringify({ gflops: null, reason }));
  },
);
