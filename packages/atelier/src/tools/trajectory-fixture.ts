/**
 * A recorded training run of nanoGPT on disk: STEM.json (sizes, optimizer, where each batch starts in the text, losses, gradient norms,
 * and then the logits of a prompt and its greedy continuation) and STEM.safetensors (the initial weights, under nanoGPT's names).
 */
import { readFile } from "node:fs/promises";
import {
  ArgumentError,
  type AtelierError,
  FormatError,
  type HostTensor,
  hostTensor,
  type TreeRecord,
  treeFromPaths,
} from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";
import { classicGpt, type GptConfiguration, nanogptNames, transposeMatrix } from "@atelier/models";
import { z } from "zod";

const fixtureSchema = z.object({
  config: z.object({
    n_layer: z.int(),
    n_head: z.int(),
    n_embd: z.int(),
    block_size: z.int(),
    vocab_size: z.int(),
    bias: z.boolean(),
  }),
  optimizer: z.object({
    lr: z.number(),
    betas: z.tuple([z.number(), z.number()]),
    eps: z.number(),
    weight_decay: z.number(),
    grad_clip_norm: z.number(),
  }),
  vocabulary: z.string(),
  batch_starts: z.array(z.array(z.int().min(0)).min(1)).min(1),
  losses: z.array(z.number()),
  grad_norms_before_clip: z.array(z.number()),
  after_training: z.object({
    prompt_ids: z.array(z.int()).min(1),
    logits: z.array(z.union([z.number(), z.array(z.number())])),
    greedy_ids: z.array(z.int()),
  }),
});
export type TrajectoryRecord = z.infer<typeof fixtureSchema>;

/** (B, T) inputs and targets of one step. */
export interface TrajectoryBatch {
  readonly inputs: HostTensor;
  readonly targets: HostTensor;
  readonly [key: string]: HostTensor;
}

export interface Trajectory {
  readonly configuration: GptConfiguration;
  /** The initial weights, in our names and layouts. */
  readonly params: TreeRecord<HostTensor>;
  readonly batches: readonly TrajectoryBatch[];
  readonly record: TrajectoryRecord;
}

/**
 * Reads a fixture and the text that its batches are cut from. `stem` may carry the ending of either file.
 * @throws {ArgumentError} for a file that cannot be read. @throws {FormatError} for one that is something else.
 */
export async function readTrajectory(stem: string, textFile: string): Promise<Trajectory> {
  const bare = stem.replace(/\.(json|safetensors)$/, "");
  const record = parseRecord((await read(`${bare}.json`)).toString("utf8"), `${bare}.json`);
  const { config } = record;
  const configuration = classicGpt(
    {
      vocabulary: config.vocab_size,
      context: config.block_size,
      layers: config.n_layer,
      heads: config.n_head,
      width: config.n_embd,
    },
    { bias: config.bias },
  );
  const { tensors } = decodeSafetensors(await read(`${bare}.safetensors`));
  const params = nanogptParams(tensors, configuration, `${bare}.safetensors`);
  const ids = encode((await read(textFile)).toString("utf8"), record.vocabulary, textFile);
  const batches = record.batch_starts.map((starts) => cut(ids, starts, config.block_size, textFile));
  return { configuration, params, batches, record };
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new ArgumentError(missing ? `There is no file ${path}` : `The file ${path} cannot be read`, {
      cause,
      hint: "Give the fixture without its ending, as path/to/nanogpt-trajectory, and then the text it was recorded on.",
    });
  }
}

function parseRecord(text: string, file: string): TrajectoryRecord {
  const refuse = (problem: string): AtelierError => new FormatError(`${file} is no trajectory fixture: ${problem}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse("it is not JSON");
  }
  const parsed = fixtureSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { batch_starts: steps, losses, grad_norms_before_clip: norms, after_training: after, config } = parsed.data;
  if (losses.length !== steps.length || norms.length !== steps.length) {
    throw refuse(`${steps.length} batches, ${losses.length} losses and ${norms.length} gradient norms`);
  }
  const logits = after.logits.flat().length;
  if (logits !== config.vocab_size && logits !== config.vocab_size * after.prompt_ids.length) {
    throw refuse(`${logits} logits are neither those of the last token of the prompt nor those of all its tokens`);
  }
  if ([...parsed.data.vocabulary].length !== config.vocab_size) {
    throw refuse(
      `vocabulary has ${[...parsed.data.vocabulary].length} characters, and vocab_size is ${config.vocab_size}`,
    );
  }
  return parsed.data;
}

/** nanoGPT's tensors in our names and layouts. */
function nanogptParams(
  tensors: ReadonlyMap<string, HostTensor>,
  configuration: GptConfiguration,
  file: string,
): TreeRecord<HostTensor> {
  const declared = new Map<string, HostTensor>();
  for (const { ours, theirs, transposed } of nanogptNames(configuration.layers, configuration.bias)) {
    const tensor = tensors.get(theirs);
    if (tensor === undefined) throw new FormatError(`${file} has no tensor "${theirs}"`);
    declared.set(ours, transposed ? transposeMatrix(tensor) : tensor);
  }
  return treeFromPaths(declared);
}

function encode(text: string, vocabulary: string, file: string): Int32Array {
  const index = new Map([...vocabulary].map((character, i) => [character, i]));
  return Int32Array.from([...text], (character) => {
    const id = index.get(character);
    if (id === undefined) {
      throw new FormatError(
        `${file} has the character ${JSON.stringify(character)}, which the fixture's vocabulary lacks`,
        {
          hint: "Give the text that the fixture was recorded on.",
        },
      );
    }
    return id;
  });
}

/** x = ids[s : s + T], y = ids[s + 1 : s + T + 1] for every start. */
function cut(ids: Int32Array, starts: readonly number[], length: number, file: string): TrajectoryBatch {
  const inputs = new Int32Array(starts.length * length);
  const targets = new Int32Array(starts.length * length);
  starts.forEach((start, row) => {
    if (start + length + 1 > ids.length) {
      throw new FormatError(
        `${file} has ${ids.length} characters, and a batch of the fixture needs those from ${start} to ${start + length}`,
        { hint: "Give the text that the fixture was recorded on." },
      );
    }
    inputs.set(ids.subarray(start, start + length), row * length);
    targets.set(ids.subarray(start + 1, start + length + 1), row * length);
  });
  const shape = [starts.length, length];
  return { inputs: hostTensor(inputs, shape), targets: hostTensor(targets, shape) };
}
