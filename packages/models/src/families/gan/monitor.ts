/**
 * What may have gone wrong in the training of a GAN, in plain words, from the figures that its phases log: gradients that vanish
 * (Arjovsky and Bottou 2017, "Towards principled methods for training generative adversarial networks"), and modes that collapse (Metz et
 * al. 2017, section 1).
 */
import { ArgumentError } from "@atelier/engine";

export interface GanWarning {
  readonly kind: "vanishing-gradients" | "mode-collapse";
  /** What was seen, what it means, and what to try. */
  readonly message: string;
}

/** How varied a set of generated pictures is, beside a set of real ones. */
export interface GanDiversity {
  /** How many of the pictures a classifier puts in each class. */
  readonly classes?: { readonly generated: readonly number[]; readonly real: readonly number[] } | undefined;
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
 * @param history the logged figures, oldest first: `discriminator.realAccuracy`, `discriminator.fakeAccuracy`, `discriminator.spread` and
 * `generator.outputGradient` are looked at, others let by
 * @throws {ArgumentError} where counts of generated and real pictures are of different classes, or of none
 */
export function ganMonitor(
  history: readonly Readonly<Record<string, number>>[],
  { classes, nearest }: GanDiversity = {},
): readonly GanWarning[] {
  const latest = history.slice(-Math.max(1, Math.ceil(LATEST * history.length)));
  const middle = (figure: string): number | undefined => median(latest.flatMap((row) => row[figure] ?? []));
  return [
    vanishing(
      middle("generator.outputGradient"),
      middle("discriminator.realAccuracy"),
      middle("discriminator.fakeAccuracy"),
    ),
    narrow(middle("discriminator.spread")),
    classes === undefined ? undefined : missed(classes.generated, classes.real),
    nearest === undefined ? undefined : alike(nearest),
  ].filter((warning) => warning !== undefined);
}

function vanishing(gradient?: number, real?: number, fake?: number): GanWarning | undefined {
  if (gradient === undefined || real === undefined || fake === undefined) return undefined;
  const kind = "vanishing-gradients";
  const length = gradient.toPrecision(2);
  if (gradient < NOTHING && Math.min(real, fake) < CERTAIN) {
    return {
      kind,
      message:
        `The discriminator is flat around every generated picture (the generator's gradient is ${length}), so that the generator learns ` +
        "nothing any more. Start again with a lower learning rate for the discriminator, or a gradient penalty.",
    };
  }
  if (gradient >= TINY || Math.min(real, fake) < CERTAIN) return undefined;
  return {
    kind,
    message:
      `The discriminator knows ${percent(real)} of real and ${percent(fake)} of generated pictures, and the generator's gradient has ` +
      `vanished (${length}): it is no longer told what to do better. Lower the learning rates, raise the gradient penalty, or try ` +
      "spectralNorm; with few pictures, augmentation.",
  };
}

const ADVICE =
  'Raise the gradient penalty, try the loss "relativistic", lower the learning rates, or train on larger batches.';

const collapse = (seen: string): GanWarning => ({ kind: "mode-collapse", message: `${seen} ${ADVICE}` });

function narrow(spread: number | undefined): GanWarning | undefined {
  if (spread === undefined || spread >= NARROW) return undefined;
  return collapse(`Generated pictures look alike: they vary ${percent(spread)} as much as real ones.`);
}

function missed(generated: readonly number[], real: readonly number[]): GanWarning | undefined {
  const [made, given] = [sum(generated), sum(real)];
  if (generated.length !== real.length || made === 0 || given === 0) {
    throw new ArgumentError(
      `ganMonitor: pictures in the same classes are compared, got ${made} in ${generated.length} and ${given} in ${real.length}`,
    );
  }
  const expected = real.map((count) => (count / given) * made);
  const rare = expected.flatMap((count, i) => (count >= EXPECTED && generated[i]! < SHARE * count ? [i] : []));
  if (rare.length === 0) return undefined;
  const which = rare.map((i) => `${i} (${generated[i]} of ${Math.round(expected[i]!)} expected)`).join(", ");
  return collapse(
    `Of ${real.length} classes, ${rare.length} are missing or rare among ${made} generated pictures: ${which}.`,
  );
}

function alike({ generated, real }: { readonly generated: number; readonly real: number }): GanWarning | undefined {
  if (generated >= SHARE * real) return undefined;
  const ratio = percent(generated / real);
  return collapse(`Generated pictures repeat one another: the nearest two lie ${ratio} as far apart as real ones.`);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
