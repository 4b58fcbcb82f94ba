/**
 * Our worker for convolutions: `node convolution-main.js --name "3×3 64→64, 32×32" --threads 2`, speaking lines of JSON. A step is the
 * convolution and both gradients; the loss is the mean of all three, so that each is computed and none is handed over.
 */

import { parseArgs } from "node:util";
import { compile, conv, hostTensor, pullback, RandomKey, sizeOf, type Tensor } from "@atelier/engine";
import { z } from "zod";
import { type ConvolutionName, convolutionSizes, resultOf } from "./convolution-sizes.js";
import { runWorker } from "./run-worker.js";
import { serve } from "./step-worker.js";
import { versions } from "./versions.js";

const flagsSchema = z.object({
  name: z.enum(Object.keys(convolutionSizes) as [ConvolutionName, ...ConvolutionName[]]),
  threads: z.coerce.number().int().positive(),
});

await runWorker(async () => {
  const { values } = parseArgs({ options: { name: { type: "string" }, threads: { type: "string", default: "2" } } });
  const { name, threads } = flagsSchema.parse(values);
  const { x, weight, stride, padding, groups } = convolutionSizes[name];
  const random = (label: string, shape: readonly number[]) =>
    hostTensor(
      RandomKey.fromSeed(1)
        .split(label)
        .uniform(new Float32Array(sizeOf(shape)), -1, 1),
      shape,
    );
  const given = {
    x: random("x", x),
    weight: random("weight", weight),
    cotangent: random("cotangent", resultOf(convolutionSizes[name]).shape),
  };
  const step = compile(
    ({ x, weight, cotangent }: { x: Tensor; weight: Tensor; cotangent: Tensor }) => {
      const y = conv(x, weight, { stride, padding, groups });
      const [byX, byWeight] = pullback([y], [cotangent], [x, weight]);
      return { loss: y.mean().add(byX!.mean()).add(byWeight!.mean()) };
    },
    { threads },
  );
  const started = performance.now();
  await step.prepare(given);
  const stepper = {
    description: `Atelier on ONNX Runtime, fp32, ${threads} threads`,
    versions: versions(),
    compileMilliseconds: performance.now() - started,
    async steps(count: number) {
      let loss = Number.NaN;
      for (let i = 0; i < count; i++) loss = (await step(given)).loss.data[0]!;
      return loss;
    },
  };
  await serve(stepper, process.stdin, process.stdout);
});
