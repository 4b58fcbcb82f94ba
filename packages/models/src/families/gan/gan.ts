/**
 * The adversarial family (Goodfellow et al. 2014, "Generative adversarial nets"): a generator makes pictures of noise, a discriminator
 * learns to tell them from real ones, and the generator to be taken for real.
 *
 * B: batch, C, H, W: channels, height and width, L: latent width.
 *
 * @example
 * const family = gan(ganConfiguration({ shape: [1, 28, 28] }));
 */
import { ArgumentError, concat, gradients, input, type Scope, type Tensor } from "@atelier/engine";
import { conditionInputs } from "../../conditions/index.js";
import type { Phase, TrainableFamily } from "../../family.js";
import { type ConditionValues, picturesOf, repeatRows } from "../picture-batch.js";
import { adaptProbability, augment, augmentationProbability } from "./augmentation.js";
import type { GanConfiguration } from "./configuration.js";
import { discriminatorLoss, distanceFromOne, generatorLoss, type Scores, squaredSlopes } from "./losses.js";
import { asPictures, ganDiscriminate, ganGenerate, ganOutput } from "./networks.js";

/** Rows on which networks are declared: batch norm refuses one alone. */
const DECLARED = 2;

/**
 * Phases, in their order: `discriminator`; `penalty`, lazy R1, of the non-saturating loss; `generator`. The discriminator sees real
 * and generated pictures in one batch.
 */
export function gan(c: GanConfiguration): TrainableFamily {
  const [, height, width] = c.shape;
  const values = (): ConditionValues => conditionInputs(c.conditions, DECLARED, [height, width]);
  const { loss } = c;
  return {
    name: "gan",
    can: ["generate"],
    networks: {
      generator: (scope) => ganGenerate(scope, c, input("z", [DECLARED, c.latent], "float32"), values()),
      discriminator: (scope) => {
        if (c.augmentation !== undefined) augmentationProbability(scope);
        return ganDiscriminate(scope, c, input("x", [DECLARED, ...c.shape], "float32"), values());
      },
    },
    phases: [
      discriminatorPhase(c),
      ...(loss.kind === "non-saturating" && loss.gamma > 0 ? [penaltyPhase(c, loss.gamma, loss.every)] : []),
      generatorPhase(c, loss.kind === "wasserstein" ? loss.discriminatorSteps : 1),
    ],
  };
}

type Objective = { readonly loss: Tensor; readonly metrics: Readonly<Record<string, Tensor>> };

const discriminatorPhase = (c: GanConfiguration): Phase => ({
  name: "discriminator",
  every: 1,
  trains: ["discriminator"],
  loss: (networks, batch) => {
    const { generator, discriminator } = both(networks);
    const { x, values } = picturesOf("gan", batch);
    const fake = ganGenerate(generator, c, drawLatents(generator, c, x.shape[0]!), values);
    return discriminatorObjective(discriminator, c, x, fake, values);
  },
});

/** R1 by itself, as many times as strong as it is rare. */
const penaltyPhase = (c: GanConfiguration, gamma: number, every: number): Phase => ({
  name: "penalty",
  every,
  trains: ["discriminator"],
  loss: (networks, batch) => {
    const { discriminator } = both(networks);
    const { x, values } = picturesOf("gan", batch);
    const gradientPenalty = squaredSlopes(
      ganDiscriminate(discriminator, c, changed(discriminator, c, x), values),
      x,
    ).mean();
    return { loss: gradientPenalty.mul((gamma / 2) * every), metrics: { gradientPenalty } };
  },
});

const generatorPhase = (c: GanConfiguration, every: number): Phase => ({
  name: "generator",
  every,
  trains: ["generator"],
  loss: (networks, batch) => {
    const { generator, discriminator } = both(networks);
    const { x, values } = picturesOf("gan", batch);
    return generatorObjective(generator, discriminator, c, x, drawLatents(generator, c, x.shape[0]!), values);
  },
});

/**
 * The discriminator's loss with the penalty that belongs to every step, and what a monitor looks at: `realAccuracy` and `fakeAccuracy`,
 * the shares that lie on their side (of 0, or, where scores mean something only beside one another, of the middle between the means);
 * `realScore` and `fakeScore`, means; `gradientPenalty`, the mean of |∇D|², or of (|∇D| − 1)², without its weight; `spread`, the variance
 * of generated pictures over that of real ones; `augmentation`, p. While `scope.training`, p is moved on.
 *
 * real, fake: (B, C, H, W), mix: (B, 1, 1, 1), how near to the real pictures `wasserstein` looks
 */
export function discriminatorObjective(
  scope: Scope,
  c: GanConfiguration,
  real: Tensor,
  fake: Tensor,
  values: ConditionValues = {},
  mix?: Tensor,
): Objective {
  const batch = real.shape[0]!;
  const pictures = concat([real, fake.stopGradient()], 0); // (2 B, C, H, W)
  const seen = changed(scope, c, pictures);
  const scored = ganDiscriminate(scope, c, seen, twice(values)); // (2 B)
  const scores = halves(scored);

  let loss = discriminatorLoss(c.loss.kind, scores);
  const metrics: Record<string, Tensor> = { ...separation(c, scores), spread: spread(real, fake) };
  if (c.loss.kind === "relativistic") {
    metrics.gradientPenalty = squaredSlopes(scored, pictures).mean();
    // γ / 2 times both means: that of all is half of their sum.
    loss = loss.add(metrics.gradientPenalty.mul(c.loss.gamma));
  }
  if (c.loss.kind === "wasserstein") {
    const share = mix ?? scope.random("mix", [batch, 1, 1, 1], { kind: "uniform", low: 0, high: 1 });
    const ends = halves(seen);
    const between = ends.fake.add(ends.real.sub(ends.fake).mul(share));
    metrics.gradientPenalty = distanceFromOne(squaredSlopes(ganDiscriminate(scope, c, between, values), between));
    loss = loss.add(metrics.gradientPenalty.mul(c.loss.penalty));
  }
  if (c.augmentation !== undefined) {
    metrics.augmentation = augmentationProbability(scope);
    // The mean of signs on the two sides.
    if (scope.training) adaptProbability(scope, c.augmentation, metrics.realAccuracy!.mul(2).sub(1), batch);
  }
  return { loss, metrics };
}

/**
 * The generator's loss, and `outputGradient`: the length of its gradient over what the generator's last layer writes, the mean over
 * pictures, as if each had a loss of its own. Where it is next to nothing, the generator is not told what to do better.
 *
 * real: (B, C, H, W), z: (B, L)
 */
export function generatorObjective(
  generator: Scope,
  discriminator: Scope,
  c: GanConfiguration,
  real: Tensor,
  z: Tensor,
  values: ConditionValues = {},
): Objective {
  const output = ganOutput(generator, c, z, values);
  const fake = asPictures(c, output);
  // Only beside real pictures does a relativistic score mean anything.
  const paired = c.loss.kind === "relativistic";
  const pictures = changed(discriminator, c, paired ? concat([real, fake], 0) : fake);
  const scored = ganDiscriminate(discriminator, c, pictures, paired ? twice(values) : values);
  const loss = generatorLoss(c.loss.kind, paired ? halves(scored) : { real: scored, fake: scored });
  const [slopes] = gradients(loss, [output]) as [Tensor];
  const batch = slopes.shape[0]!;
  const lengths = slopes.reshape([batch, -1]).square().sum(1).sqrt(); // (B)
  return { loss, metrics: { outputGradient: lengths.sum() } };
}

/** What the discriminator is shown of pictures. (N, C, H, W) */
const changed = (scope: Scope, { augmentation }: GanConfiguration, x: Tensor): Tensor =>
  augmentation === undefined ? x : augment(scope, augmentation.kinds, x, augmentationProbability(scope));

function separation(c: GanConfiguration, { real, fake }: Scores): Record<string, Tensor> {
  const [realScore, fakeScore] = [real.mean(), fake.mean()];
  const border = c.loss.kind === "non-saturating" ? 0 : realScore.add(fakeScore).mul(0.5);
  return {
    realAccuracy: real.greater(border).cast("float32").mean(),
    fakeAccuracy: fake.less(border).cast("float32").mean(),
    realScore,
    fakeScore,
  };
}

function spread(real: Tensor, fake: Tensor): Tensor {
  const variance = (x: Tensor): Tensor => x.sub(x.mean(0, true)).square().mean();
  // A batch of one, or of equal pictures, has none.
  return variance(fake).div(variance(real).maximum(1e-12));
}

const drawLatents = (scope: Scope, { latent }: GanConfiguration, batch: number): Tensor =>
  scope.random("latent", [batch, latent], { kind: "normal", mean: 0, standardDeviation: 1 });

/** The first and the second half of rows. (2 B, …) → (B, …) each */
function halves(x: Tensor): Scores {
  const batch = x.shape[0]! / 2;
  const [real, fake] = x.split([batch, batch], 0) as [Tensor, Tensor];
  return { real, fake };
}

const twice = (values: ConditionValues): ConditionValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, repeatRows(value, 2)]));

function both({ generator, discriminator }: Readonly<Record<string, Scope>>) {
  if (generator === undefined || discriminator === undefined) {
    const missing = generator === undefined ? "generator" : "discriminator";
    throw new ArgumentError(`gan: the network "${missing}" is missing`);
  }
  return { generator, discriminator };
}
