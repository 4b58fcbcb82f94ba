/** Makes a saved output again, and says whether it is the same, bit for bit. */
import { AtelierError } from "@atelier/engine/errors";
import type { Placement } from "../families/text-family.js";
import { fill } from "../library/fill.js";
import { complete, type RunOptions } from "../library/generate.js";
import { load, type Model } from "../library/model.js";
import type { FullFillRequest, FullGenerateRequest } from "../library/request.js";
import { atelierHome, listModels, NotFoundError } from "../storage/index.js";
import { textContents } from "./emit.js";
import { type Provenance, type SealedProvenance, sha256Of } from "./provenance.js";
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

export interface Difference {
  /** UTF-16 units from the beginning, and the line and column of the place, from 1. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** What stands there in the saved output, and in the one made again. */
  readonly before: string;
  readonly now: string;
}

export interface Reproduction {
  /** Whether the same was made again: as the file that is there, or as the hash in its provenance where no file is. */
  readonly equal: boolean;
  /** Whether the file is no longer what its provenance was written for. */
  readonly edited: boolean;
  /** The output made again. */
  readonly contents: string;
  /** Where the two part; undefined where they are equal, or the file is not there to compare. */
  readonly difference: Difference | undefined;
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
 * @param path the file, its side-car, or a saved `--json` document
 * @throws {NotFoundError} where there is no provenance, or the model is gone. @throws {FormatError} where the provenance was edited.
 * @example
 * ```ts
 * const { equal, difference, changed } = await reproduce("whale.txt");
 * ```
 */
export async function reproduce(path: string, options: ReproduceOptions = {}): Promise<Reproduction> {
  const saved = await readSavedOutput(path);
  const { provenance, contents: before } = saved;
  const home = options.home ?? atelierHome();
  const model = await load(options.model ?? (await modelOf(home, provenance.model)), {
    home,
    device: options.device ?? provenance.device,
    threads: options.threads ?? provenance.threads,
    weights: provenance.weights,
  });
  try {
    const { texts, made } = await again(model, provenance, options);
    const contents = textContents(texts);
    const hash = sha256Of(contents);
    const recorded = provenance.output.sha256;
    return {
      equal: before === undefined ? hash === recorded : before === contents,
      edited: before !== undefined && sha256Of(before) !== recorded,
      contents,
      difference: before === undefined ? undefined : differenceOf(before, contents),
      changed: changesOf(provenance, made),
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

interface Again {
  readonly texts: readonly string[];
  readonly made: Provenance;
}

async function again(model: Model, { request, seed, output }: SealedProvenance, options: RunOptions): Promise<Again> {
  switch (request.task) {
    case "generate":
      return generateAgain(model, request, { seed, whole: output.whole, ...options });
    case "fill":
      return fillAgain(model, request, { seed, whole: output.whole, ...options });
  }
}

type How = RunOptions & { readonly seed: number; readonly whole: boolean };

async function generateAgain(model: Model, { task: _, ...request }: FullGenerateRequest, how: How): Promise<Again> {
  const { rows, provenance } = await complete(model, { ...request, seed: how.seed }, how);
  return { texts: rows.map(({ prompt, text }) => (how.whole ? prompt + text : text)), made: provenance };
}

async function fillAgain(model: Model, { task: _, ...request }: FullFillRequest, how: How): Promise<Again> {
  const { text, gaps, provenance } = await fill(model, { ...request, seed: how.seed }, how);
  return { texts: how.whole ? [text] : gaps.map(([first]) => first?.text ?? ""), made: provenance };
}

function differenceOf(before: string, now: string): Difference | undefined {
  if (before === now) return undefined;
  let offset = 0;
  while (offset < Math.min(before.length, now.length) && before[offset] === now[offset]) offset++;
  const lines = before.slice(0, offset).split("\n");
  const excerpt = (text: string): string => text.slice(offset, offset + 24);
  return {
    offset,
    line: lines.length,
    column: lines.at(-1)!.length + 1,
    before: excerpt(before),
    now: excerpt(now),
  };
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
