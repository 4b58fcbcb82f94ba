/** Looks at data and machine and proposes a recipe: what `atelier train ./folder` asks about, for programs. */
import {
  type DataSource,
  type DatasetProgress,
  loadTextCodec,
  mediumOf,
  openTextDataset,
  type PictureSource,
} from "@atelier/data";
import type { Device } from "@atelier/engine";
import { formatBytes, formatCount } from "../cli/format.js";
import { transformerConfiguration } from "../families/transformer-settings.js";
import { pictureFamilySchemas } from "../recipe/picture-schema.js";
import { requireTextRecipe } from "../recipe/resolve.js";
import { startingPoint } from "../training/from.js";
import { inspect } from "./inspect.js";
import { measureMachine } from "./machine.js";
import { type Proposal, propose, type StartingModel } from "./propose.js";
import type { Settings } from "./settings.js";

export interface ProposeOptions {
  /** Atelier's home: where named datasets and models are kept. */
  readonly home: string;
  /** Time for the training steps; default about 10, or less where the text is learnt sooner. */
  readonly minutes?: number | undefined;
  /** Settings that stand, as in a recipe: `{ family: "bert", training: { steps: 500 } }`. With `from`, a model to go on from. */
  readonly given?: Settings | undefined;
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

export interface ProposedRecipe extends Proposal {
  readonly dataset: {
    readonly name: string;
    readonly card: { readonly title: string };
    /** `1,115,394 characters in 1 document, 1.1 MB` */
    readonly size: string;
  };
}

/**
 * Proposes a recipe for texts or pictures, with reasons, and what it will cost. Trains nothing and writes nothing, but for a named dataset's download.
 *
 * @param source as in a recipe's `data`.
 * @throws what `openTextDataset` throws; RecipeError and ArgumentError for settings that cannot be; NotFoundError for a model that is
 * not there; the signal's reason.
 * @example
 * const { recipe, estimate } = await proposeRecipe("./notes", { home: ".atelier", minutes: 5 });
 * await train(recipe, { home: ".atelier" });
 */
export async function proposeRecipe(
  source: DataSource | PictureSource,
  options: ProposeOptions,
): Promise<ProposedRecipe> {
  const { home, minutes, given = {}, device, threads, signal, onProgress } = options;
  if (await wantsPictures(source, given)) {
    const { inspectPictures, proposePictures } = await import("./propose-pictures.js");
    // Of a source that holds pictures.
    const data = source as PictureSource;
    const inspection = await inspectPictures(data, { home, signal, onProgress });
    const machine = await measureMachine({ device, threads, signal });
    const { name, card } = inspection;
    const size = `${formatCount(card.pictures)} pictures, ${formatBytes(card.bytes)}`;
    return { ...proposePictures(inspection, machine, { data, minutes, given }), dataset: { name, card, size } };
  }
  return proposeForText(source as DataSource, options);
}

/** By the family asked for, else by what the source holds. */
async function wantsPictures(source: DataSource | PictureSource, given: Settings): Promise<boolean> {
  if (typeof given.family === "string") return Object.hasOwn(pictureFamilySchemas, given.family);
  return given.from === undefined && (await mediumOf(source)) === "pictures";
}

async function proposeForText(source: DataSource, options: ProposeOptions): Promise<ProposedRecipe> {
  const { home, minutes, given = {}, device, threads, signal, onProgress } = options;
  const from = typeof given.from === "string" ? await startingModel(source, given, home) : undefined;
  const dataset = await openTextDataset(source, { home, signal, onProgress });
  const inspection = await inspect(dataset, { signal });
  const machine = await measureMachine({ device, threads, signal });
  const { name, card } = dataset;
  const documents = `${formatCount(card.documents)} document${card.documents === 1 ? "" : "s"}`;
  const size = `${formatCount(card.characters)} characters in ${documents}, ${formatBytes(card.bytes)}`;
  return {
    ...propose(inspection, machine, { data: source, minutes, given, from }),
    dataset: { name, card, size },
  };
}

/** @throws {RecipeError} also where `given` sets what the model brings. */
async function startingModel(data: DataSource, given: Settings, home: string): Promise<StartingModel | undefined> {
  const { asked, start } = await startingPoint({ ...given, data }, home);
  if (asked.from === undefined || start === undefined) return undefined;
  const codec = loadTextCodec(start.codec);
  return {
    name: asked.from,
    family: asked.family,
    codec: codec.name,
    configuration: transformerConfiguration(requireTextRecipe(asked), codec.spec.vocabulary),
  };
}
