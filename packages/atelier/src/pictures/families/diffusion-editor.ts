/**
 * A diffusion model draws on from a picture in place of noise: from the picture with noise over it (SDEdit: Meng et al. 2022), from the
 * noise that the picture is made of (DDIM inversion: Song et al. 2021), with parts of it held fast (RePaint: Lugmayr et al. 2022).
 */
import { type Denoiser, type DiffusionConfiguration, diffusionSigmas, invertDdim } from "@atelier/models";
import type { Placement } from "../../families/text-family.js";
import type { ModelState } from "../../training/subject.js";
import { BATCH, type Batch, inBatches } from "../in-batches.js";
import type { EditStart, PictureEdit, PictureEditor, Values } from "../picture-family.js";
import { normalRows } from "../row-pass.js";
import { diffusionDenoisers, type Told } from "./diffusion-denoisers.js";
import { samplerNamed } from "./sampler-named.js";

/** A weaker edit begins at the same level. */
const LEAST_STRENGTH = 1e-3;
/** Stretches that are gone again and again; the paper has 25 of 10 steps, 10 times each. */
const STRETCHES = 10;

/**
 * The last `steps` noise levels of as many as make them the share `strength` of the way down: weak edits cost what strong ones do, and
 * are taken in finer steps.
 */
export function levelsFrom(c: DiffusionConfiguration, steps: number, strength: number): Float64Array {
  const all = Math.round(steps / Math.max(strength, LEAST_STRENGTH));
  return diffusionSigmas(c, all).slice(-(steps + 1));
}

/** Levels in stretches that meet at their ends. */
export function stretchesOf(levels: Float64Array, rounds: number): Float64Array[] {
  // Gone once, nothing interrupts samplers that look back on earlier steps.
  const length = rounds === 1 ? levels.length : Math.ceil((levels.length - 1) / STRETCHES);
  const stretches: Float64Array[] = [];
  for (let from = 0; from < levels.length - 1; from += length) stretches.push(levels.slice(from, from + length + 1));
  return stretches;
}

/** The way of one edit. */
interface Way {
  readonly levels: Float64Array;
  readonly stretches: readonly Float64Array[];
  readonly rounds: number;
  /** Of a batch, into the noise and out of it. */
  readonly steps: number;
}

function wayOf(c: DiffusionConfiguration, start: EditStart, steps: number): Way {
  const levels = levelsFrom(c, steps, start.kind === "noise" ? 1 : start.strength);
  const rounds = start.kind === "noised" && start.kept !== undefined ? (start.rounds ?? 1) : 1;
  const into = start.kind === "inverted" ? levels.length - 2 : 0;
  return { levels, stretches: stretchesOf(levels, rounds), rounds, steps: into + rounds * (levels.length - 1) };
}

export function diffusionEditor(
  c: DiffusionConfiguration,
  told: Told,
  state: ModelState,
  on: Placement,
): PictureEditor {
  const denoisers = diffusionDenoisers(c, told, state, on);
  const [, height, width] = c.shape;
  const each = c.shape.reduce((product, n) => product * n, 1);

  return {
    async edit({ wishes, start, sameNoise = false, sampling }, key, { signal, onProgress } = {}) {
      const count = wishes.length;
      if (start.kind !== "noise" && start.strength === 0) return repeated(start.picture, count);
      const way = wayOf(c, start, sampling.steps);
      const sample = samplerNamed(sampling.sampler);
      const total = Math.ceil(count / BATCH) * way.steps;
      let done = 0;
      const onStep = (): void => onProgress?.(++done, total);

      const editBatch = async ({ indices }: Batch): Promise<Float64Array> => {
        const normals = (purpose: string, step: number): Float64Array =>
          Float64Array.from(
            normalRows(indices, c.shape, (i) =>
              key
                .at(sameNoise ? 0 : i)
                .split(purpose)
                .at(step),
            ).data,
          );
        const denoiserFor = (lists: PictureEdit["wishes"], guidance: number): Denoiser =>
          denoisers.of(lists, { guidance, signal });
        const given = start.kind === "noise" ? undefined : Float64Array.from(repeated(start.picture, indices.length));
        const fresh = denoiserFor(
          Array.from(indices, (i) => wishes[i]!),
          sampling.guidance ?? 1,
        );
        let x: Float64Array;
        if (start.kind === "inverted") {
          const shows = Array.from(indices, () => [{ weight: 1, wish: start.shows }]);
          x = await invertDdim(denoiserFor(shows, 1), given!, way.levels, { signal, onStep });
        } else x = plusNoise(given, way.levels[0]!, normals("start", 0));
        const kept = start.kind === "noised" ? start.kept : undefined;
        const denoise = kept === undefined ? fresh : keeping(fresh, given!, kept, height * width);

        let step = 0;
        for (const levels of way.stretches) {
          for (let round = 1; round <= way.rounds; round++) {
            const before = step;
            x = await sample(denoise, x, levels, {
              noise: (n) => normals("step", before + n),
              signal,
              onStep: () => {
                step++;
                onStep();
              },
            });
            const [high, low] = [levels[0]!, levels.at(-1)!];
            if (round < way.rounds) x = plusNoise(x, Math.sqrt(high ** 2 - low ** 2), normals("again", step));
          }
        }
        return x;
      };

      const made: Values = new Float32Array(count * each);
      await inBatches(
        count,
        async (batch) => {
          made.set((await editBatch(batch)).subarray(0, batch.count * each), batch.from * each);
        },
        { signal },
      );
      return made;
    },
    release: () => denoisers.release(),
  };
}

/** (C, H, W) → (count, C, H, W) */
function repeated(picture: Values, count: number): Values {
  const all: Values = new Float32Array(count * picture.length);
  for (let i = 0; i < count; i++) all.set(picture, i * picture.length);
  return all;
}

const plusNoise = (x: Float64Array | undefined, deviation: number, noise: Float64Array): Float64Array =>
  noise.map((value, i) => (x?.[i] ?? 0) + deviation * value);

/**
 * A denoiser that knows what part of the pictures is. Whatever the sampler, that part then goes from the picture with noise straight to
 * the picture, as RePaint sets it in every step, and all else sees it at the right level of noise.
 *
 * @param kept (H, W), @param area H · W
 */
function keeping(denoise: Denoiser, picture: Float64Array, kept: Uint8Array, area: number): Denoiser {
  return async (x, sigma) => {
    const denoised = await denoise(x, sigma);
    return denoised.map((value, i) => (kept[i % area] === 1 ? picture[i]! : value));
  };
}
