/** What a VAE is for: pictures of which there are few among all that could be. */
import { compile, type HostTensor, hostTensor, RandomKey, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { BARS, barBatch, barFields, barShape, barsOf, everyBar } from "../bars.test-helpers.js";
import { trainFamily } from "../training.test-helpers.js";
import { posteriorCollapse } from "./collapse.js";
import { type VaeConfiguration, vaeConfiguration } from "./configuration.js";
import { vae, vaeDecode, vaeEncode, vaeImportanceSum, vaeLikelihood } from "./vae.js";

/** What the best model that takes pixels for independent pays: each is white in a quarter of the pictures. */
const INDEPENDENT = -16 * (0.25 * Math.log(0.25) + 0.75 * Math.log(0.75));
/** What no model can do better than. */
const ENTROPY = Math.log(BARS);

const size = { shape: barShape, fields: barFields, latent: 3 };

/** The mean of −log p(x) over the eight pictures, estimated with 200 samples each, and the means of their posteriors. */
async function judge(c: VaeConfiguration, params: TreeRecord<HostTensor>) {
  const run = compile(({ params, x }: { params: TreeRecord<Tensor>; x: Tensor }) => {
    const scope = Scope.over({ params });
    return { sum: vaeImportanceSum(scope, c, x, 200), means: vaeEncode(scope, c, x).mean };
  });
  const { sum, means } = await run({ params, x: everyBar() }, { keys: RandomKey.fromSeed(3) });
  await run.release();
  const nats = [...sum.data].reduce((total, log) => total - (log - Math.log(200)), 0) / BARS;
  return { nats, means: means.data as Float32Array };
}

describe("eight pictures", () => {
  it("become likely, with axes of the latent space in use", async () => {
    const c = vaeConfiguration({ ...size, network: { kind: "mlp", hidden: [32] } });
    const { params } = await trainFamily(vae(c), barBatch, { steps: 300, learningRate: 0.01 });
    const { nats, means } = await judge(c, params);
    expect(nats).toBeGreaterThan(ENTROPY - 0.01);
    expect(nats).toBeLessThan(INDEPENDENT / 2);
    expect(posteriorCollapse(means, 3)).toMatchObject({ of: 3, collapsed: false });
  });

  it.each([
    ["with convolutions", { kind: "convolutional", channels: [8, 16] }, { kind: "bernoulli" }],
    ["as levels of grey", { kind: "mlp", hidden: [32] }, { kind: "discretised-logistic" }],
  ] as const)("%s too", async (_, network, likelihood) => {
    const c = vaeConfiguration({ ...size, network, likelihood });
    const { params } = await trainFamily(vae(c), barBatch, { steps: 300, learningRate: 0.01 });
    const { nats } = await judge(c, params);
    expect(nats).toBeGreaterThan(ENTROPY - 0.01);
    expect(nats).toBeLessThan(INDEPENDENT - 1);
  });

  it("are not learned where the divergence weighs too much, which is noticed", async () => {
    const c = vaeConfiguration({ ...size, network: { kind: "mlp", hidden: [32] }, beta: 30 });
    const { params, last } = await trainFamily(vae(c), barBatch, { steps: 200, learningRate: 0.01 });
    const { nats, means } = await judge(c, params);
    expect(nats).toBeCloseTo(INDEPENDENT, 0);
    expect(last.activeUnits).toBe(0);
    expect(posteriorCollapse(means, 3)).toMatchObject({ activeUnits: 0, of: 3, collapsed: true });
  });

  it("are drawn as asked for by a condition, which leaves nothing for the latent space to say", async () => {
    const c = vaeConfiguration({
      ...size,
      network: { kind: "mlp", hidden: [32] },
      conditions: [{ name: "label", role: "label", classes: BARS, drop: 0 }],
    });
    const { params, last } = await trainFamily(vae(c), barBatch, { steps: 400, learningRate: 0.01 });
    expect(last.loss).toBeLessThan(0.5);
    const run = compile(({ params, z, label }: { params: TreeRecord<Tensor>; z: Tensor; label: Tensor }) => ({
      x: vaeLikelihood(c).mean(vaeDecode(Scope.over({ params }), c, z, { label })),
    }));
    const asked = [5, 0, 3];
    const z = hostTensor(RandomKey.fromSeed(7).normal(new Float32Array(9)), [3, 3]);
    const { x } = await run({ params, z, label: hostTensor(Int32Array.from(asked), [3]) });
    await run.release();
    expect([...x.data].map((value) => Math.sign(value))).toEqual([...barsOf(asked).data]);
    // The same through the bound: each picture is certain beside its own class, whatever the samples.
    const bound = compile(({ params, x, label }: { params: TreeRecord<Tensor>; x: Tensor; label: Tensor }) => ({
      sum: vaeImportanceSum(Scope.over({ params }), c, x, 10, { label }),
    }));
    const label = hostTensor(Int32Array.from({ length: BARS }, (_, i) => i));
    const { sum } = await bound({ params, x: everyBar(), label }, { keys: RandomKey.fromSeed(3) });
    await bound.release();
    expect(Math.min(...sum.data) - Math.log(10)).toBeGreaterThan(-0.5);
  });
});
