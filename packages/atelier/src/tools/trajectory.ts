/**
 * Follows a recorded training run of nanoGPT (fixture: initial weights, batches, losses, gradient norms, then logits and greedy
 * tokens) and says how far ours strays from it.
 *
 *   npm run trajectory -- path/to/nanogpt-trajectory path/to/text.txt [--json]
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  AtelierError,
  compile,
  FormatError,
  type HostTensor,
  hostTensor,
  RandomKey,
  Scope,
  State,
  type Tensor,
  type TreeRecord,
  treeFromPaths,
} from "@atelier/engine";
import { decodeSafetensors } from "@atelier/engine/storage";
import {
  adamw,
  classicGpt,
  constantRate,
  type GptConfiguration,
  gpt,
  gptLogits,
  nanogptNames,
  transposeMatrix,
} from "@atelier/models";
import { z } from "zod";
import { initialState, type TrainingPlan, trainingStep } from "../training/step.js";

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
  batch_starts: z.array(z.array(z.int())),
  losses: z.array(z.number()),
  grad_norms_before_clip: z.array(z.number()),
  after_training: z.object({
    prompt_ids: z.array(z.int()),
    logits: z.array(z.union([z.number(), z.array(z.number())])),
    greedy_ids: z.array(z.int()),
  }),
});
type Fixture = z.infer<typeof fixtureSchema>;

export interface TrajectoryResult {
  /** Largest absolute differences. */
  readonly loss: number;
  readonly gradNorm: number;
  readonly logits: number;
  readonly tokensEqual: boolean;
}

/** The largest loss difference that counts as following. */
export const LOSS_BAR = 1e-4;

const largest = (ours: ArrayLike<number>, theirs: ArrayLike<number>): number => {
  let worst = 0;
  // Written so that a NaN is not below anything.
  for (let i = 0; i < theirs.length; i++) {
    const difference = Math.abs(ours[i]! - theirs[i]!);
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
};

export async function followTrajectory(stem: string, textFile: string): Promise<TrajectoryResult> {
  const fixture = parseFixture(await readFile(`${stem}.json`, "utf8"), `${stem}.json`);
  const { tensors } = decodeSafetensors(await readFile(`${stem}.safetensors`));
  const c = fixture.config;
  const configuration = classicGpt(
    { vocabulary: c.vocab_size, context: c.block_size, layers: c.n_layer, heads: c.n_head, width: c.n_embd },
    { bias: c.bias },
  );
  const params = nanogptParams(tensors, configuration);
  const ids = encode(await readFile(textFile, "utf8"), fixture.vocabulary);

  const { optimizer } = fixture;
  const plan: TrainingPlan = {
    family: gpt(configuration),
    optimisers: {
      gpt: adamw({
        learningRate: optimizer.lr,
        betas: optimizer.betas,
        epsilon: optimizer.eps,
        weightDecay: optimizer.weight_decay,
      }),
    },
    schedule: constantRate,
    clip: optimizer.grad_clip_norm,
  };
  const step = compile(trainingStep(plan), { donate: ["state"] });
  let state = new State(initialState(plan, RandomKey.fromSeed(0), { gpt: params }));
  const losses: number[] = [];
  const norms: number[] = [];
  for (const starts of fixture.batch_starts) {
    const batch = cut(ids, starts, c.block_size);
    const result = await step({ state, batch });
    state = result.state;
    losses.push(result.metrics.loss!.data[0]!);
    norms.push(result.metrics.gradientNorm!.data[0]!);
  }
  await step.release();

  const trained = state.read().params.gpt!;
  const { prompt_ids: prompt, logits: expected, greedy_ids: greedy } = fixture.after_training;
  const next = nextLogits(configuration, trained);
  const rows = await next(prompt);
  const vocabulary = c.vocab_size;
  const wanted = expected.flat();
  const given = wanted.length === vocabulary ? rows.slice(-vocabulary) : rows;
  const tokens = [...prompt];
  while (tokens.length < greedy.length) {
    const last = (await next(tokens.slice(-c.block_size))).slice(-vocabulary);
    tokens.push(last.indexOf(Math.max(...last)));
  }
  return {
    loss: largest(losses, fixture.losses),
    gradNorm: largest(norms, fixture.grad_norms_before_clip),
    logits: largest(given, wanted),
    tokensEqual: tokens.every((token, i) => token === greedy[i]),
  };
}

function parseFixture(text: string, file: string): Fixture {
  const parsed = fixtureSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FormatError(`${file} is no trajectory fixture: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  return parsed.data;
}

/** nanoGPT's tensors in our names and layouts. */
function nanogptParams(
  tensors: ReadonlyMap<string, HostTensor>,
  configuration: GptConfiguration,
): TreeRecord<HostTensor> {
  const declared = new Map<string, HostTensor>();
  for (const { ours, theirs, transposed } of nanogptNames(configuration.layers, configuration.bias)) {
    const tensor = tensors.get(theirs);
    if (tensor === undefined) throw new FormatError(`The weights have no tensor "${theirs}"`);
    declared.set(ours, transposed ? transposeMatrix(tensor) : tensor);
  }
  return treeFromPaths(declared);
}

function encode(text: string, vocabulary: string): Int32Array {
  const index = new Map([...vocabulary].map((character, i) => [character, i]));
  return Int32Array.from([...text], (character) => {
    const id = index.get(character);
    if (id === undefined)
      throw new FormatError(`The text has ${JSON.stringify(character)}, which the vocabulary lacks`);
    return id;
  });
}

/** x = ids[s : s + T], y = ids[s + 1 : s + T + 1] for every start. */
function cut(ids: Int32Array, starts: readonly number[], length: number): { inputs: HostTensor; targets: HostTensor } {
  const inputs = new Int32Array(starts.length * length);
  const targets = new Int32Array(starts.length * length);
  starts.forEach((start, row) => {
    inputs.set(ids.subarray(start, start + length), row * length);
    targets.set(ids.subarray(start + 1, start + length + 1), row * length);
  });
  return { inputs: hostTensor(inputs, [starts.length, length]), targets: hostTensor(targets, [starts.length, length]) };
}

/** All logits of a sequence, row by row. */
function nextLogits(
  configuration: GptConfiguration,
  params: TreeRecord<HostTensor>,
): (tokens: readonly number[]) => Promise<number[]> {
  const forward = compile(
    ({ gpt: weights, tokens }: { gpt: TreeRecord<Tensor>; tokens: Tensor }) => ({
      logits: gptLogits(Scope.over({ params: weights }), configuration, tokens),
    }),
    { freeze: ["gpt"] },
  );
  return async (tokens) => {
    const { logits } = await forward({ gpt: params, tokens: hostTensor(Int32Array.from(tokens), [1, tokens.length]) });
    return [...logits.data];
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { json: { type: "boolean" } }, allowPositionals: true });
  const [stem, textFile] = positionals;
  if (stem === undefined || textFile === undefined || positionals.length > 2) {
    console.error("Usage: npm run trajectory -- FIXTURE_STEM TEXT_FILE [--json]");
    process.exitCode = 2;
    return;
  }
  const result = await followTrajectory(stem.replace(/\.(json|safetensors)$/, ""), textFile);
  if (values.json === true) console.log(JSON.stringify(result));
  else {
    console.log(`largest difference in loss           ${result.loss.toExponential(2)}  (bar ${LOSS_BAR})`);
    console.log(`largest difference in gradient norm  ${result.gradNorm.toExponential(2)}`);
    console.log(`largest difference in final logits   ${result.logits.toExponential(2)}`);
    console.log(`greedy tokens                        ${result.tokensEqual ? "equal" : "different"}`);
  }
  if (!(result.loss <= LOSS_BAR) || !result.tokensEqual) process.exitCode = 1;
}

if (process.argv[1] !== undefined && import.meta.url.endsWith(process.argv[1].split("/").at(-1)!)) {
  main().catch((error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    if (AtelierError.isInstance(error) && error.hint !== undefined) console.error(`  hint: ${error.hint}`);
    process.exitCode = 1;
  });
}
