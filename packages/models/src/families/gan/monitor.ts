/**
 * What may have gone wrong in the training of a GAN, in plain words, from the figures that its phases log: a discriminator that wins, and
 * gradients that vanish then (Arjovsky and Bottou 2017, "Towards principled methods for training generative adversarial networks"), and
 * modes that collapse (Metz et al. 2017, section 1).
 */
import { ArgumentError } from "@atelier/engine";
import type { GanLoss } from "./configuration.js";

export interface GanWarning {
  readonly kind: "discriminator-wins" | "vanishing-gradients" | "mode-collapse";
  /** What was seen, what it means, and which settings of the recipe to try. */
  readonly message: string;
}

/** How varied a set of generated pictures is, beside a set of real ones. */
export interface GanDiversity {
  /** How many of the pictures a classifier puts in each class. */
  readonly classes?:
    | {
        readonly generated: readonly number[];
        readonly real: readonly number[];
        /** Their numbers are said without. */
        readonly names?: readonly string[] | undefined;
      }
    | undefined;
  /** The mean distance of a picture from the nearest other one of its own set, of two sets of the same size. */
  readonly nearest?: { readonly generated: number; readonly real: number } | undefined;
}

/** What the latest steps came to is judged by the last part of the history. */
const LATEST = 0.2;
/** Real and generated pictures are told apart for certain. */
const CERTAIN = 0.98;
/** Below this the loss hardly changes with the picture; of a discriminator that says the same of everything, it is nothing. */
const [TINY, NOTHING] = [1e-3, 1e-7];
/** Generated pictures vary less than this share of what real ones do. */
const NARROW = 0.1;
/** A class, or a distance, has less than this share of what it should have. */
const SHARE = 0.5;
/** Where fewer would be expected in a class, having less than half of them is nothing unusual. */
const EXPECTED = 20;

/**
 * @param loss what is trained; a critic of `wasserstein` is meant to tell all pictures apart
 * @param history the logged figures, oldest first: `discriminator.realAccuracy`, `discriminator.fakeAccuracy`, `discriminator.spread` and
 * `generator.outputGradient` are looked at, others let by
 * @throws {ArgumentError} where counts of generated and real pictures are of different classes, or of none
 */
export function ganMonitor(
  loss: GanLoss["kind"],
  history: readonly Readonly<Record<string, number>>[],
  { classes, nearest }: GanDiversity = {},
): readonly GanWarning[] {
  const collapsed = (seen: string | undefined): GanWarning | undefined =>
    seen === undefined ? undefined : { kind: "mode-collapse", message: `${seen} ${varietyAdvice(loss)}` };
  const latest = history.slice(-Math.max(1, Math.ceil(LATEST * history.length)));
  const middle = (figure: string): number | undefined => median(latest.flatMap((row) => row[figure] ?? []));
  return [
    defeat(
      loss,
      middle("generator.outputGradient"),
      middle("discriminator.realAccuracy"),
      middle("discriminator.fakeAccuracy"),
    ),
    collapsed(narrow(middle("discriminator.spread"))),
    collapsed(classes === undefined ? undefined : missed(classes.generated, classes.real, classes.names)),
    collapsed(nearest === undefined ? undefined : alike(nearest)),
  ].filter((warning) => warning !== undefined);
}

/** A generator that has lost, or is about to. */
function defeat(loss: GanLoss["kind"], gradient?: number, real?: number, fake?: number): GanWarning | undefined {
  if (gradient === undefined || real === undefined || fake === undefined) return undefined;
  const certain = Math.min(real, fake) >= CERTAIN;
  const length = gradient.toPrecision(2);
  if (gradient < NOTHING && !certain) {
    const message =
      `The discriminator is flat around every generated picture (the generator's gradient is ${length}), so that the generator learns ` +
      `nothing any more. Start again with a lower training.optimiser.learningRate, or a higher ${penaltyOf(loss)}.`;
    return { kind: "vanishing-gradients", message };
  }
  if (!certain) return undefined;
  const seen = `The discriminator knows ${percent(real)} of real and ${percent(fake)} of generated pictures`;
  if (gradient < TINY) {
    const message = `${seen}, and the generator's gradient has vanished (${length}): it is no longer told what to do better. ${balanceAdvice(loss)}`;
    return { kind: "vanishing-gradients", message };
  }
  if (loss === "wasserstein") return undefined;
  return {
    kind: "discriminator-wins",
    message: `${seen}: it wins, and the generator falls behind. ${balanceAdvice(loss)}`,
  };
}

const penaltyOf = (loss: GanLoss["kind"]): string =>
  loss === "wasserstein" ? "model.loss.penalty" : "model.loss.gamma";

const balanceAdvice = (loss: GanLoss["kind"]): string =>
  `Lower training.optimiser.learningRate, raise ${penaltyOf(loss)}, make model.generator larger, or try model.spectralNorm=true; with few pictures, model.augmentation={}.`;

const varietyAdvice = (loss: GanLoss["kind"]): string =>
  `Raise ${penaltyOf(loss)}, ${loss === "relativistic" ? "" : "try model.loss.kind=relativistic, "}lower training.optimiser.learningRate, or ` +
  "raise training.batch.";

const narrow = (spread: number | undefined): string | undefined =>
  spread === undefined || spread >= NARROW
    ? undefined
    : `Generated pictures look alike: they vary ${percent(spread)} as much as real ones.`;

function missed(generated: readonly number[], real: readonly number[], names?: readonly string[]): string | undefined {
  const [made, given] = [sum(generated), sum(real)];
  if (generated.length !== real.length || made === 0 || given === 0) {
    throw new ArgumentError(
      `ganMonitor: pictures in the same classes are compared, got ${made} in ${generated.length} and ${given} in ${real.length}`,
    );
  }
  const expected = real.map((count) => (count / given) * made);
  const rare = expected.flatMap((count, i) => (count >= EXPECTED && generated[i]! < SHARE * count ? [i] : []));
  if (rare.length === 0) return undefined;
  const which = rare
    .map((i) => `${names?.[i] ?? i} (${generated[i]} of ${Math.round(expected[i]!)} expected)`)
    .join(", ");
  return `Missing or rare among ${made} generated pictures: ${rare.length} of ${real.length} classes, ${which}.`;
}

function alike({ generated, real }: { readonly generated: number; readonly real: number }): string | undefined {
  if (generated >= SHARE * real) return undefined;
  const ratio = percent(generated / real);
  return `Generated pictures repeat one another: the nearest two lie ${ratio} as far apart as real ones.`;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
