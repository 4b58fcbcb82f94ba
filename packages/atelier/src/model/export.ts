/**
 * A trained model for use elsewhere: its forward pass as an ONNX file, its weights as a safetensors file, a folder in
 * Hugging Face's layout, or a copy of the whole model, smaller where its weights are kept in half precision. One that misses the goal of its recipe is refused.
 */
import { basename, dirname, resolve } from "node:path";
import { constant, exportOnnx, type HostTensor, mapTree, Scope, type Tensor, type TreeRecord } from "@atelier/engine";
import { ArgumentError } from "@atelier/engine/errors";
import { encodeSafetensors, type StoredTensor } from "@atelier/engine/storage";
import { z } from "zod";
import { evidenceSchema } from "../evaluation/metrics/evidence.js";
import type { ForwardGraph } from "../pictures/picture-family.js";
import { goalSchema } from "../recipe/schema.js";
import { exists, loadModel, writeAtomic, writeModel } from "../storage/index.js";
import { versionsOf } from "../training/machine.js";
import type { ExportFormat, WeightPrecision } from "./export-formats.js";
import { exportHuggingFace } from "./export-huggingface.js";
import { goalOf, requireGoal } from "./goal.js";
import { type LoadedModel, type LoadedPictureModel, type LoadedTextModel, requireText } from "./load.js";
import { ROUNDED } from "./record-evidence.js";
import { weightsOf } from "./weights.js";

export interface ExportOptions {
  /** `onnx` and `safetensors` are one file; `atelier` is a folder, as the model is, and `huggingface` one in the layout of GPT-2. */
  readonly format: ExportFormat;
  readonly out: string;
  /** `float16` and `bfloat16` take half the space and round every weight. Not for `onnx`. */
  readonly weights?: WeightPrecision | undefined;
  /** ONNX models have static shapes: how many rows of how many tokens. By default one row of the whole context. */
  readonly rows?: number | undefined;
  readonly length?: number | undefined;
  /** Export also a model that misses its goal. */
  readonly force?: boolean | undefined;
}

export interface Exported {
  readonly path: string;
  readonly bytes: number;
}

/**
 * @throws {GoalMissedError} for a model that misses its recipe's goal, unless forced. @throws {ArgumentError} for what a format cannot
 *   have, or where a folder is there already. @throws {DiskFullError} @throws {UnwritableError}
 * @example
 * ```ts
 * await exportModel(await openModel(".atelier", "whale"), { format: "onnx", out: "whale.onnx" });
 * ```
 */
export async function exportModel(loaded: LoadedModel, options: ExportOptions): Promise<Exported> {
  const { format, out, rows, length, force = false } = options;
  if (format !== "onnx" && (rows !== undefined || length !== undefined)) {
    throw new ArgumentError(`Only ONNX models have fixed rows and lengths, and ${format} is none`, {
      hint: "Leave --rows and --length out.",
    });
  }
  if (!force) requireGoal(goalReached(loaded), loaded.record.name);
  switch (format) {
    case "onnx":
      return writeFile(out, [await onnxModel(loaded, options)]);
    case "safetensors":
      return writeFile(out, encodeSafetensors(storedWeights(loaded, options), await metadataOf(loaded)));
    case "huggingface":
      return {
        path: out,
        bytes: await exportHuggingFace(requireText(loaded), out, (tensor) => stored(tensor, options)),
      };
    case "atelier":
      return copyModel(loaded, options);
  }
}

const goalInRecipe = z.object({ recipe: z.object({ goal: goalSchema.optional() }) });

/** The recipe's goal against the evidence that the model was saved with. */
function goalReached({ record, evidence }: LoadedModel) {
  const recipe = goalInRecipe.safeParse(record.training);
  const measured = evidenceSchema.safeParse(evidence);
  return goalOf(recipe.data?.recipe.goal, measured.data?.measures ?? []);
}

async function writeFile(path: string, chunks: readonly Uint8Array[]): Promise<Exported> {
  await writeAtomic(path, chunks);
  return { path, bytes: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0) };
}

/** What goes with exported weights: all it takes to know what they are, and to make tokens of text. */
async function metadataOf({ record, model }: LoadedModel): Promise<Record<string, string>> {
  const { name, family, configuration, weights, dataset, training } = record;
  return {
    "atelier.model": name,
    "atelier.family": family,
    "atelier.configuration": JSON.stringify(configuration),
    "atelier.codec": JSON.stringify(model.codec.toJSON()),
    "atelier.dataset": JSON.stringify(dataset),
    "atelier.training": JSON.stringify(training),
    "atelier.weights-sha256": weights.sha256,
    "atelier.versions": JSON.stringify(await versionsOf()),
  };
}

/** The largest number of rows that a graph is made for. */
const MOST_ROWS = 4096;

async function onnxModel(loaded: LoadedModel, { weights, rows = 1, length }: ExportOptions): Promise<Uint8Array> {
  if (weights !== undefined && weights !== "float32") {
    throw new ArgumentError("ONNX models are exported with 32-bit weights", { hint: "Leave --weights out." });
  }
  requireCount("rows", rows, MOST_ROWS);
  const constants = (tree: TreeRecord<HostTensor>): TreeRecord<Tensor> =>
    mapTree<HostTensor, Tensor>(tree, (leaf, path) => constant(leaf, path)) as TreeRecord<Tensor>;
  const scope = Scope.over({ params: constants(loaded.state.params), buffers: constants(loaded.state.buffers) });
  const { outputs, inputs, gives } =
    loaded.medium === "text" ? textForward(loaded, scope, rows, length) : pictureForward(loaded, scope, rows, length);
  return exportOnnx({ outputs }, { ...(await metadataOf(loaded)), "atelier.inputs": inputs, "atelier.outputs": gives });
}

function requireCount(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new ArgumentError(`The ${what} of an ONNX model is a whole number from 1 to ${most}, got ${value}`);
}

function textForward({ model }: LoadedTextModel, scope: Scope, rows: number, length?: number): ForwardGraph {
  const { context, vocabulary } = model.configuration;
  const tokens = length ?? context;
  requireCount("length", tokens, context);
  return {
    outputs: new Map([["logits", model.forward(scope, rows, tokens)]]),
    inputs: `tokens: (${rows}, ${tokens}) int32, static; for a shorter text fill up behind it; where there is visible, (${rows}, ${tokens}) float32: 1 for text, 0 behind it`,
    gives: `logits: (${rows}, ${tokens}, ${vocabulary}) float32`,
  };
}

function pictureForward(
  { model, record }: LoadedPictureModel,
  scope: Scope,
  rows: number,
  length?: number,
): ForwardGraph {
  if (length !== undefined) {
    throw new ArgumentError(`${record.name} makes pictures, whose size is fixed`, { hint: "Leave --length out." });
  }
  if (model.forward !== undefined) return model.forward(scope, rows);
  throw new ArgumentError(`${record.name} cannot be exported as ONNX: it draws pictures in many steps`, {
    hint: "Export it as safetensors, or as a folder with --format atelier.",
  });
}

const STORED = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;

/** The largest number of half precision. */
const LARGEST_HALF = 65_504;

const storedWeights = ({ state }: LoadedModel, options: ExportOptions): Map<string, StoredTensor> =>
  new Map([...weightsOf(state)].map(([name, tensor]) => [name, stored(tensor, options)]));

function stored(tensor: HostTensor, { weights: form = "float32" }: ExportOptions): StoredTensor {
  if (form === "float16" && tensor.data.some((value) => Math.abs(value) > LARGEST_HALF)) {
    throw new ArgumentError("The weights hold numbers that float16 cannot", { hint: "Use --weights bfloat16." });
  }
  return { ...tensor, storedAs: STORED[form] };
}

async function copyModel(loaded: LoadedModel, options: ExportOptions): Promise<Exported> {
  const { weights: form = "float32", out } = options;
  // To replace a folder would remove whatever else is in it.
  if (await exists(out)) throw new ArgumentError(`${out} is there already`, { hint: "Choose another folder." });
  // The card is not part of an opened model.
  const { record: _, directory: __, ...saved } = await loadModel(dirname(loaded.directory), loaded.directory);
  const { weights, name } = loaded.record;
  const note =
    `This is a copy of \`${name}\` with weights rounded to ${form}. What is measured above was measured before they were ` +
    `rounded, with the weights of SHA-256 \`${weights.sha256}\`; \`atelier evaluate --record\` measures it anew.`;
  const card = renamed(saved.card, name, basename(resolve(out)));
  await writeModel(out, {
    ...saved,
    weights: storedWeights(loaded, options),
    card: form === "float32" ? card : `${card.trimEnd()}\n\n## ${ROUNDED}\n\n${note}\n`,
  });
  // Every file is checked against its hash once more.
  const { record } = await loadModel(dirname(out), resolve(out));
  return { path: out, bytes: record.weights.bytes + record.codec.bytes };
}

/** A card calls its model by name in its title and in its commands. */
const renamed = (card: string, before: string, name: string): string =>
  card
    .split("\n")
    .map((line) =>
      /^(?:#|atelier) /.test(line)
        ? line
            .split(" ")
            .map((word) => (word === before ? name : word))
            .join(" ")
        : line,
    )
    .join("\n");
