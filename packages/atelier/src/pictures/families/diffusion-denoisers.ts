/**
 * A diffusion model as samplers see it: denoisers of a batch of pictures, each told what it is to show. Drawing and editing are both made
 * of these.
 */
import type { CaptionWords } from "@atelier/data";
import { hostTensor } from "@atelier/engine";
import {
  type Denoiser,
  type DiffusionConfiguration,
  denoiserOf,
  diffusionDenoise,
  guided,
  mixed,
} from "@atelier/models";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import type { Values } from "../picture-family.js";
import { type HostRows, RowPass } from "../row-pass.js";
import { captionsOf } from "./captions.js";
import { CLASS, split } from "./labels.js";

/** What a model can be told of a picture. */
export interface Told {
  /** How many classes it knows; 0 for none. */
  readonly classes: number;
  /** The words that it knows, if any. */
  readonly words: CaptionWords | undefined;
}

/** What a picture is to show. Left out: whatever the model likes. */
export interface Wish {
  /** The number of a class; −1 for any. */
  readonly label?: number | undefined;
  readonly prompt?: string | undefined;
}

/** Some of several wishes at once (composable diffusion: Liu et al. 2022): weights sum to 1. */
export interface WeightedWish {
  readonly weight: number;
  readonly wish: Wish;
}

export interface DenoiserOptions {
  /** Scale of classifier-free guidance. */
  readonly guidance: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Denoisers {
  /** For pictures of which the one at place i is to show `wishes[i]`, all wishes of a list at once by their weights. */
  of(wishes: readonly (readonly WeightedWish[])[], options: DenoiserOptions): Denoiser;
  release(): Promise<void>;
}

export function diffusionDenoisers(
  c: DiffusionConfiguration,
  { classes, words }: Told,
  state: ModelState,
  on: Placement,
): Denoisers {
  const pass = new RowPass((scope, { sigma, ...rows }) => {
    const { x, values } = split(rows);
    return { denoised: diffusionDenoise(scope, c, x, sigma!, values) };
  }, on);

  const rowsOf = (wishes: readonly Wish[]): HostRows => ({
    ...(classes === 0
      ? {}
      : {
          [CLASS]: hostTensor(
            Int32Array.from(wishes, ({ label }) => label ?? -1),
            [wishes.length],
          ),
        }),
    ...captionsOf(
      words,
      wishes.map(({ prompt }) => prompt),
      wishes.length,
    ),
  });

  const denoiserFor = (wishes: readonly Wish[], { signal }: DenoiserOptions): Denoiser => {
    const shape = [wishes.length, ...c.shape];
    const told = rowsOf(wishes);
    return denoiserOf(shape, async (x, sigma) => {
      const { denoised } = await pass.run(state, wishes.length, () => ({ x, sigma, ...told }), { signal });
      return hostTensor(denoised as Values, shape);
    });
  };

  return {
    of(wishes, options) {
      const most = Math.max(...wishes.map((list) => list.length));
      const nothing: WeightedWish = { weight: 0, wish: {} };
      const layers = Array.from({ length: most }, (_, i) => wishes.map((list) => list[i] ?? nothing));
      const conditional = mixed(
        layers.map((layer) => ({
          weights: layer.map(({ weight }) => weight),
          denoiser: denoiserFor(
            layer.map(({ wish }) => wish),
            options,
          ),
        })),
      );
      const unconditional = denoiserFor(
        wishes.map(() => ({})),
        options,
      );
      return guided(conditional, unconditional, options.guidance);
    },
    release: () => pass.release(),
  };
}
