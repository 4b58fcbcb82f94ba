/** Makes a saved output again, and says whether it is the same: texts bit for bit, pictures pixel for pixel. */
import { AtelierError } from "@atelier/engine/errors";
import type { Placement } from "../families/text-family.js";
import type { RunOptions } from "../library/generate.js";
import { load } from "../library/model.js";
import { atelierHome, listModels, NotFoundError } from "../storage/index.js";
import { again } from "./again/index.js";
import { media } from "./media/index.js";
import type { Comparison } from "./media/medium.js";
import type { Provenance, SealedProvenance } from "./provenance.js";
import { readSavedOutput } from "./saved-output.js";

export interface ReproduceOptions extends Placement, RunOptions {
  readonly home?: string | undefined;
  /** The model to make it with, by name or path; by default the one with the same weights, else of the same name. */
  readonly model?: string | undefined;
}

/** A condition that bits depend on, and that is not as it was. */
export interface Changed {
  readonly what: string;
  readonly before: string;
  readonly now: string;
}

export type { Difference, PixelDifference, TextDifference } from "./media/medium.js";

export interface Reproduction extends Comparison {
  readonly changed: readonly Changed[];
  readonly model: string;
  readonly provenance: SealedProvenance;
}

/** The output was made again, and came out otherwise. */
export class NotReproducedError extends AtelierError {
  readonly code = "NOT_REPRODUCED";
}

/**
 * Makes an output again from its provenance: on the device, with the threads and the weights' form that it was made with, unless told
 * otherwise.
 *
 * @param path the file, its side-car, or a `--json` document of texts
 * @throws {NotFoundError} where there is no provenance, or the model is gone. @throws {FormatError} where the provenance was edited.
 * @example
 * ```ts
 * const { equal, difference, changed } = await reproduce("whale.txt");
 * ```
 */
export async function reproduce(path: string, options: ReproduceOptions = {}): Promise<Reproduction> {
  const saved = await readSavedOutput(path);
  const { provenance, contents } = saved;
  const home = options.home ?? atelierHome();
  const model = await load(options.model ?? (await modelOf(home, provenance.model)), {
    home,
    device: options.device ?? provenance.device,
    threads: options.threads ?? provenance.threads,
    weights: provenance.weights,
  });
  try {
    const { request, seed, output } = provenance;
    const fresh = await again(model, request, { seed, output, path, signal: options.signal });
    return {
      ...(await media[output.media].compare(fresh.output, output, contents)),
      changed: changesOf(provenance, fresh.made),
      model: model.name,
      provenance,
    };
  } finally {
    await model.release();
  }
}

/** The folder of the model with these files, else of this name. */
async function modelOf(home: string, { name, weights, codec }: Provenance["model"]): Promise<string> {
  const models = await listModels(home);
  const same = models.find(
    ({ model }) => !(model instanceof Error) && model.weights.sha256 === weights && model.codec.sha256 === codec,
  );
  const found = same ?? models.find((model) => model.name === name);
  if (found !== undefined) return found.directory;
  throw new NotFoundError(
    `the model that made it is gone: none here has the weights ${weights.slice(0, 12)}…, or the name "${name}"`,
    {
      hint: `Bring its folder back to ${home}, or say where it is with --model PATH.`,
    },
  );
}

/** Everything that bits depend on and that the same request does not fix. */
function conditionsOf(provenance: Provenance): Record<string, string> {
  const { model, device, threads, batch, weights, processor, versions } = provenance;
  return {
    "model's weights": model.weights,
    "model's codec": model.codec,
    device,
    threads: String(threads),
    batch: String(batch),
    "weights' form": weights,
    processor,
    ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`version of ${name}`, version])),
  };
}

function changesOf(before: Provenance, now: Provenance): Changed[] {
  const [old, fresh] = [conditionsOf(before), conditionsOf(now)];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .filter((what) => old[what] !== fresh[what])
    .map((what) => ({ what, before: old[what] ?? "none", now: fresh[what] ?? "none" }));
}
