/** Makes the steps of a recorded training run of nanoGPT again and says how far ours strays from it. */
import { compile, RandomKey, State } from "@atelier/engine";
import { adamw, constantRate, type GptConfiguration, gpt } from "@atelier/models";
import { initialState, type TrainingPlan, trainingStep } from "../training/step.js";
import { largestDifference, sameNumbers } from "./compare.js";
import { fullLogits } from "./full-logits.js";
import type { Trajectory } from "./trajectory-fixture.js";

export interface TrajectoryResult {
  /** Largest absolute differences; NaN where ours is not a number. */
  readonly loss: number;
  readonly gradNorm: number;
  readonly logits: number;
  /** Whether the prompt is continued with the same tokens when the likeliest one is always taken. */
  readonly tokensEqual: boolean;
}

/** The largest difference in loss that counts as following. */
export const LOSS_BAR = 1e-4;

export async function followTrajectory({
  configuration,
  params,
  batches,
  record,
}: Trajectory): Promise<TrajectoryResult> {
  const plan = planOf(configuration, record.optimizer);
  const step = compile(trainingStep(plan), { donate: ["state"] });
  let state = new State(initialState(plan, RandomKey.fromSeed(0), { gpt: params }));
  const losses: number[] = [];
  const norms: number[] = [];
  for (const batch of batches) {
    const result = await step({ state, batch });
    state = result.state;
    losses.push(result.metrics.loss!.data[0]!);
    norms.push(result.metrics.gradientNorm!.data[0]!);
  }
  await step.release();

  const next = fullLogits(configuration, state.read().params.gpt!);
  const { prompt_ids: prompt, logits, greedy_ids: greedy } = record.after_training;
  const theirs = logits.flat();
  const ours = (await next.read(prompt)).slice(-theirs.length);
  const tokens = await next.continueGreedily(prompt, greedy.length);
  await next.release();
  return {
    loss: largestDifference(losses, record.losses),
    gradNorm: largestDifference(norms, record.grad_norms_before_clip),
    logits: largestDifference(ours, theirs),
    tokensEqual: sameNumbers(tokens, greedy),
  };
}

function planOf(configuration: GptConfiguration, optimizer: Trajectory["record"]["optimizer"]): TrainingPlan {
  return {
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
}
