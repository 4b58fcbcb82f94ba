/** Three GANs beside the same in PyTorch: what `bench/peers/make_gan_fixture.py` recorded of them. */
import {
  compile,
  flattenTree,
  gradients,
  type HostTensor,
  hostTensor,
  leavesOf,
  Scope,
  type Tensor,
  type TreeRecord,
  unflattenLike,
} from "@atelier/engine";
import { describe, expect, it } from "vitest";
import { torchFixture } from "../../torch-fixture.test-helpers.js";
import { type GanConfiguration, ganConfiguration } from "./configuration.js";
import { discriminatorObjective, gan, generatorObjective } from "./gan.js";
import { ganGenerate } from "./networks.js";

interface Recorded {
  readonly loss: number;
  readonly gradientPenalty: number | null;
  readonly gradientNorms: Readonly<Record<string, number>>;
}
interface Fixture {
  readonly real: number[];
  readonly z: number[];
  readonly labels: number[];
  readonly mix: number[];
  readonly cases: Readonly<Record<string, Readonly<Record<"discriminator" | "penalty" | "generator", Recorded>>>>;
}

const { figures: fixture, weights } = await torchFixture<Fixture>("./fixtures/torch-gan", import.meta.url);

const shape = [2, 4, 4] as const;
const ROWS = 3;
const floats = (data: number[], ...of: number[]): HostTensor => hostTensor(Float32Array.from(data), [ROWS, ...of]);
const inputs = {
  x: floats(fixture.real, ...shape),
  z: floats(fixture.z, 3),
  mix: floats(fixture.mix, 1, 1, 1),
  kind: hostTensor(Int32Array.from(fixture.labels), [ROWS]),
};

const residual = { kind: "residual", channels: [4, 6], groups: 2 } as const;
const dcgan = { kind: "convolutional", channels: [6], activation: "leaky-relu" } as const;
const perceptron = { kind: "mlp", hidden: [8], activation: "silu" } as const;
const common = { shape, latent: 3 };
const settings: Readonly<Record<string, GanConfiguration>> = {
  relativistic: ganConfiguration({
    ...common,
    generator: residual,
    discriminator: residual,
    output: "tanh",
    loss: { kind: "relativistic", gamma: 0.7 },
    conditions: [{ name: "kind", role: "label", classes: 3, drop: 0 }],
  }),
  "non-saturating": ganConfiguration({
    ...common,
    generator: dcgan,
    discriminator: dcgan,
    loss: { kind: "non-saturating", gamma: 0.7, every: 16 },
  }),
  wasserstein: ganConfiguration({
    ...common,
    generator: perceptron,
    discriminator: perceptron,
    loss: { kind: "wasserstein", penalty: 10, discriminatorSteps: 5 },
  }),
};

describe.each(Object.keys(settings))("%s", (name) => {
  const c = settings[name]!;
  const paramsOf = (network: string): TreeRecord<HostTensor> => weights(`${name}.${network}.`);
  const lazy = gan(c).phases.find((phase) => phase.name === "penalty");

  it.each(["discriminator", ...(lazy === undefined ? [] : (["penalty"] as const)), "generator"] as const)(
    "the %s's loss and gradients",
    async (objective) => {
      const trained = objective === "generator" ? "generator" : "discriminator";
      const run = compile(
        ({ generator, discriminator, given }: Readonly<Record<string, TreeRecord<Tensor>>>) => {
          const scopes = {
            generator: Scope.over({ params: generator! }),
            discriminator: Scope.over({ params: discriminator! }),
          };
          const { x, z, mix, kind } = given as Record<keyof typeof inputs, Tensor>;
          const values = c.conditions.length > 0 ? { kind } : {};
          const result = () => {
            if (objective === "penalty") return lazy!.loss(scopes, { x });
            if (objective === "generator") {
              return generatorObjective(scopes.generator, scopes.discriminator, c, x, z, values);
            }
            const fake = ganGenerate(scopes.generator, c, z, values);
            return discriminatorObjective(scopes.discriminator, c, x, fake, values, mix);
          };
          const { loss, metrics = {} } = result();
          const leaves = trained === "generator" ? generator! : discriminator!;
          const slopes = gradients(loss, leavesOf<Tensor>(leaves));
          return { loss, metrics, grads: unflattenLike<Tensor, Tensor>(leaves, slopes) as TreeRecord<Tensor> };
        },
        { threads: 1 },
      );
      const networks = { generator: paramsOf("generator"), discriminator: paramsOf("discriminator") };
      const actual = await run({ ...networks, given: inputs });
      await run.release();

      const expected = fixture.cases[name]![objective];
      expect((actual.loss as HostTensor).data[0]! / expected.loss).toBeCloseTo(1, 5);
      if (expected.gradientPenalty !== null) {
        const metrics = actual.metrics as Readonly<Record<string, HostTensor>>;
        expect(metrics.gradientPenalty!.data[0]! / expected.gradientPenalty).toBeCloseTo(1, 5);
      }
      const grads = flattenTree<HostTensor>(actual.grads as TreeRecord<HostTensor>);
      expect(grads.map(([path]) => path).sort()).toEqual(Object.keys(expected.gradientNorms).sort());
      for (const [path, { data }] of grads) {
        const norm = Math.sqrt([...data].reduce((sum, g) => sum + g * g, 0));
        expect(Math.abs(norm - expected.gradientNorms[path]!), path).toBeLessThan(1e-4 * (1 + norm));
      }
    },
  );
});
