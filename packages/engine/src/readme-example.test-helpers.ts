/** The example of the README, word for word; a test compares them and runs it. */
import { compile, hostScalar, hostTensor, type Tensor, valueAndGrad } from "@atelier/engine";

type Line = { slope: Tensor; offset: Tensor };
type Batch = { x: Tensor; y: Tensor };

const step = compile(
  ({ line, batch }: { line: Line; batch: Batch }) => {
    const { value, grads } = valueAndGrad(({ slope, offset }: Line) =>
      batch.x.mul(slope).add(offset).sub(batch.y).square().mean(),
    )(line);
    const slope = line.slope.sub(grads.slope.mul(0.1));
    const offset = line.offset.sub(grads.offset.mul(0.1));
    return { line: { slope, offset }, loss: value };
  },
  { donate: ["line"] },
);

const batch = { x: hostTensor(Float32Array.of(0, 1, 2, 3)), y: hostTensor(Float32Array.of(1, 3, 5, 7)) };
let { line, loss } = await step({ line: { slope: hostScalar(0), offset: hostScalar(0) }, batch });
for (let i = 0; i < 200; i++) ({ line, loss } = await step({ line, batch }));

const { slope, offset } = line.read();
console.log(slope.data[0], offset.data[0], loss.data[0]); // 2, 1, and almost nothing
