/**
 * Tiny picture models for tests, trained once a test file in a home of its own: on pictures of 8×8 pixels that are made here, bars and
 * spots of three classes.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePicture, type GivenPicture, type Picture } from "@atelier/data";
import { RandomKey } from "@atelier/engine";
import { train } from "../training/train.js";

export const SIZE = 8;
export const CLASSES = ["across", "down", "spot"] as const;
export type TinyClass = (typeof CLASSES)[number];

/** What is said of a picture of each class. */
export const CAPTIONS: Readonly<Record<TinyClass, string>> = {
  across: "bar across: line, level",
  down: "bar down: line, upright",
  spot: "bright spot: round",
};

/** Which pixels of a class are bright, moved by one to four pixels. */
const bright: Readonly<Record<TinyClass, (x: number, y: number, at: number) => boolean>> = {
  across: (_, y, at) => y === at || y === at + 1,
  down: (x, _, at) => x === at || x === at + 1,
  spot: (x, y, at) => Math.hypot(x - at - 0.5, y - at - 0.5) < 1.8,
};

/** A picture of a class, grey. The same `seed` gives the same picture. */
export function tinyPicture(of: TinyClass, seed: number): Picture {
  const key = RandomKey.fromSeed(seed).split(of);
  const at = 1 + (key.bits(new Uint32Array(1))[0]! % 5);
  const data = key.split("noise").normal(new Float32Array(SIZE * SIZE), 30, 8);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) if (bright[of](x, y, at)) data[y * SIZE + x]! += 190;
  }
  return { width: SIZE, height: SIZE, channels: 1, data: Uint8Array.from(data, (v) => Math.max(0, Math.min(255, v))) };
}

/** As many of each class, with their classes, in turn. */
export const tinyPictures = (ofEach: number, firstSeed = 1): GivenPicture[] =>
  Array.from({ length: ofEach }, (_, i) =>
    CLASSES.map((label) => ({
      picture: tinyPicture(label, firstSeed + i),
      label,
      name: `${label} ${i + 1}`,
      caption: CAPTIONS[label],
    })),
  ).flat();

/** Writes such pictures as files, in a folder for each class: `across/1.png`, and beside it `across/1.txt` with its caption. */
export async function writeTinyPictures(folder: string, ofEach = 25): Promise<void> {
  for (const kind of CLASSES) {
    await mkdir(join(folder, kind), { recursive: true });
    for (let seed = 1; seed <= ofEach; seed++) {
      await writeFile(join(folder, kind, `${seed}.png`), await encodePicture(tinyPicture(kind, seed), "png"));
      await writeFile(join(folder, kind, `${seed}.txt`), CAPTIONS[kind]);
    }
  }
}

interface TinyOptions {
  readonly home: string;
  /** By default the family's. */
  readonly name?: string;
  readonly seed?: number;
  readonly steps?: number;
}

async function tiny(
  family: string,
  model: object,
  { home, name = family, seed = 1, steps = 120 }: TinyOptions,
  more: { readonly training?: object; readonly evaluation?: object } = {},
) {
  const recipe = {
    data: "tiny",
    family,
    seed,
    validation: 0.2,
    model,
    training: {
      steps,
      batch: 32,
      optimiser: { kind: "adamw", learningRate: 0.01 },
      evaluateEvery: steps,
      ...more.training,
    },
    evaluation: { samples: 64, ...more.evaluation },
  };
  await train(recipe, { home, name, threads: 1, data: { name: "tiny", pictures: tinyPictures(50) } });
  return name;
}

/** Saves a VAE and returns its name. With `classes` it can be asked for one of CLASSES. */
export const tinyVae = (options: TinyOptions & { readonly classes?: boolean }): Promise<string> =>
  tiny(
    "vae",
    {
      latent: 4,
      network: { kind: "mlp", hidden: [32] },
      likelihood: "gaussian",
      ...(options.classes === true ? { classes: 0.1 } : {}),
    },
    options,
  );

export const tinyVq = (options: TinyOptions): Promise<string> =>
  tiny("vq", { codes: 16, width: 8, network: { kind: "convolutional", channels: [8, 16], blocks: 1 } }, options);

export const tinyClassifier = (options: TinyOptions): Promise<string> =>
  tiny("classifier", { network: { kind: "mlp", hidden: [32] }, features: 16 }, options);

/** Saves an upscaler, of factor 2 unless it is told otherwise. */
export const tinyUpscaler = (options: TinyOptions & { readonly factor?: number }): Promise<string> =>
  tiny("upscaler", { factor: options.factor ?? 2, channels: 8, blocks: 1 }, options);

export interface TinyDiffusion extends TinyOptions {
  /** It can be asked for one of CLASSES, and guided. */
  readonly classes?: boolean;
  /** It can be asked in the words of CAPTIONS, and guided. */
  readonly captions?: boolean;
  /** What its pictures are compared by. */
  readonly extractor?: string;
  /** The model in whose latent space it learns. */
  readonly latents?: string;
}

/** Saves a GAN of perceptrons. With `classes` it can be asked for one of CLASSES. */
export const tinyGan = (options: TinyOptions & { readonly classes?: boolean }): Promise<string> =>
  tiny(
    "gan",
    {
      latent: 8,
      generator: { kind: "mlp", hidden: [64] },
      discriminator: { kind: "mlp", hidden: [64] },
      classes: options.classes === true,
    },
    options,
    { training: { optimiser: { kind: "adamw", learningRate: 0.002 }, averageDecay: 0.9 } },
  );

/** Saves a diffusion model that draws in eight steps. */
export const tinyDiffusion = (options: TinyDiffusion): Promise<string> =>
  tiny(
    "diffusion",
    {
      backbone: { kind: "unet", channels: 16, multipliers: [1] },
      ...(options.latents === undefined ? {} : { latents: options.latents }),
      ...(options.classes === true ? { classes: 0.2 } : {}),
      ...(options.captions === true ? { captions: { length: 8 } } : {}),
    },
    options,
    {
      training: { averageDecay: 0.9 },
      evaluation: { steps: 8, ...(options.extractor === undefined ? {} : { extractor: options.extractor }) },
    },
  );
