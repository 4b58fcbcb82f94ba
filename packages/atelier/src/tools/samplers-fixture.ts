/**
 * A file of what diffusion samplers made of given starts and given noise, by the exact denoiser of a Gaussian mixture. Every sampler that
 * the file has a result of walks the same way again.
 */
import { FormatError } from "@atelier/engine/errors";
import { type DiffusionSamplerName, diffusionSamplers, karrasSigmas, mixtureDenoiser } from "@atelier/models";
import { z } from "zod";
import { readWhole } from "../storage/index.js";
import { largestDifference } from "./compare.js";
import { parseFixture, refusing } from "./parse-fixture.js";

const rows = z.array(z.array(z.number()).min(1)).min(1);
const karras = { n: z.int().min(1), sigma_min: z.number(), sigma_max: z.number(), rho: z.number().default(7) };

const fixtureSchema = z.object({
  denoiser: z.object({
    means: rows,
    component_std: z.union([z.number(), z.array(z.number())]),
    weights: z.array(z.number()).optional(),
  }),
  /** The levels themselves count where they are given, not the settings that they were made by. */
  schedule: z.union(
    [z.object({ sigmas: z.array(z.number()).min(2) }), z.object({ kind: z.literal("karras"), ...karras })],
    {
      error: "neither `sigmas`, a list of numbers, nor the settings of a karras schedule",
    },
  ),
  x: rows,
  noise_in_call_order: z.array(rows).optional(),
  outputs: z.record(z.string(), rows).refine((outputs) => Object.keys(outputs).length > 0, "no sampler's result"),
});

type Fixture = z.infer<typeof fixtureSchema>;

export interface SamplerMatch {
  /** As the file has it: `sample_euler`. */
  readonly name: string;
  /** The largest absolute difference from the file's result; NaN where one of the two is not a number. */
  readonly difference: number;
}

const BAR = 1e-5;

export const passes = ({ difference }: SamplerMatch): boolean => difference <= BAR;

/**
 * Reads a file and follows all samplers of which it has results.
 * @throws {NotFoundError} @throws {StorageError} @throws {FormatError} for a file that is something else, names a sampler that is not there,
 * or lacks noise. @throws {ArgumentError} for a mixture or noise levels that cannot be.
 */
export async function followSamplers(file: string): Promise<SamplerMatch[]> {
  const fixture = parse(new TextDecoder().decode(await readWhole(file)), file);
  const { denoiser, schedule, x, noise_in_call_order: noises = [], outputs } = fixture;
  const denoise = mixtureDenoiser({ ...denoiser, standardDeviation: denoiser.component_std });
  const sigmas =
    "sigmas" in schedule
      ? schedule.sigmas
      : karrasSigmas(schedule.n, { min: schedule.sigma_min, max: schedule.sigma_max, rho: schedule.rho });

  const matches: SamplerMatch[] = [];
  for (const [name, expected] of Object.entries(outputs)) {
    const sample = diffusionSamplers[samplerNamed(name, file)];
    let calls = 0;
    const noise = (): Float64Array => {
      const next = noises[calls++];
      if (next !== undefined) return Float64Array.from(next.flat());
      throw new FormatError(`${file} has noise for ${noises.length} calls, and ${name} asks for more`, {
        hint: "`noise_in_call_order` has one list of rows, shaped like `x`, for each step that adds noise.",
      });
    };
    const result = await sample(denoise, Float64Array.from(x.flat()), sigmas, { noise });
    matches.push({ name, difference: largestDifference([...result], expected.flat()) });
  }
  return matches;
}

const isSampler = (name: string): name is DiffusionSamplerName => Object.hasOwn(diffusionSamplers, name);

function samplerNamed(name: string, file: string): DiffusionSamplerName {
  const own = name.replace(/^sample_/, "");
  if (isSampler(own)) return own;
  throw new FormatError(`${file} has a result of ${name}, which is no sampler that is here`, {
    hint: `There are ${Object.keys(diffusionSamplers)
      .map((each) => `sample_${each}`)
      .join(", ")}.`,
  });
}

function parse(text: string, file: string): Fixture {
  const refuse = refusing(
    file,
    "file of samplers",
    "It has `denoiser` (means, component_std, weights), `schedule` (sigmas), `x`, `noise_in_call_order` and `outputs`.",
  );
  const data = parseFixture(text, fixtureSchema, refuse);
  const width = data.denoiser.means[0]!.length;
  const alike = (given: readonly (readonly number[])[]): boolean =>
    given.length === data.x.length && given.every((row) => row.length === width);
  if (!alike(data.x)) throw refuse(`x: its rows have to have ${width} values each, as the means have`);
  const odd = Object.entries(data.outputs).find(([, output]) => !alike(output));
  if (odd !== undefined) throw refuse(`outputs.${odd[0]}: it is not shaped like x`);
  const ragged = data.noise_in_call_order?.findIndex((noise) => !alike(noise)) ?? -1;
  if (ragged >= 0) throw refuse(`noise_in_call_order.${ragged}: it is not shaped like x`);
  return data;
}
