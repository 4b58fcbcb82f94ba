/** Gaps in a text, filled. */
import { RandomKey } from "@atelier/engine";
import type { Filling } from "../families/text-tasks.js";
import { type Provenance, provenanceOf } from "../output/provenance.js";
import type { RunOptions } from "./generate.js";
import type { Model } from "./model.js";
import { type FillRequest, fullFillRequest, samplingOf, seedOf } from "./request.js";

export type { Filling } from "../families/text-tasks.js";

export interface Filled {
  /** The text with the first choice in every gap. */
  readonly text: string;
  /** For every gap its fillings, the most probable first. */
  readonly gaps: readonly (readonly Filling[])[];
  readonly provenance: Provenance;
}

/**
 * Fills gaps: one token each, from what stands around them, by a masked model; one gap, token by token, by a model of code.
 *
 * @throws {AbilityError} for a model that cannot. @throws {ArgumentError} for a text without gaps, or that is too long.
 * @example
 * ```ts
 * const { text } = await fill(model, { prefix: "function sum(a, b) {\n", suffix: "\n}\n" });
 * const { gaps } = await fill(masked, { text: "The <blank> sank.", choices: 5 });
 * ```
 */
export async function fill(model: Model, request: FillRequest, { signal }: RunOptions = {}): Promise<Filled> {
  const filler = model.tool("filler");
  const full = fullFillRequest(request);
  const seed = seedOf(request);
  const { parts, choices, tokens } = full;
  const settings = { choices, tokens, sampling: samplingOf(full) };
  const gaps = await filler.fill(parts, settings, RandomKey.fromSeed(seed), signal);
  // A masked model reads the text once, however many choices are listed.
  const batch = model.can.includes("generate") ? choices : 1;
  return {
    text: parts.map((part, i) => `${i === 0 ? "" : (gaps[i - 1]![0]?.text ?? "")}${part}`).join(""),
    gaps,
    provenance: await provenanceOf(model, { request: full, seed, batch }),
  };
}
