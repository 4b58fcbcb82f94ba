/**
 * The contract of a generative family: how a distribution is learned and sampled. A family returns its networks, the phases that
 * train them, and what the trained model can do. The trainer owns everything else: optimisers, clipping, schedules, checkpoints.
 */
import type { Scope, Tensor, TreeRecord } from "@atelier/engine";

/** What a trained model of a family can do; commands and pages ask this and never a family's name. */
export type Ability = "generate" | "score" | "encode" | "decode" | "fill" | "edit" | "embed" | "upscale";

/** A network declares its parameters when it is run once on a declaring scope. */
export type Network = (scope: Scope) => unknown;

/** One objective, run in the order listed. A GAN has two; most families have one. */
export interface Phase {
  readonly name: string;
  /** Runs on every n-th step. */
  readonly every: number;
  /** The networks whose parameters this phase trains; others it only reads. */
  readonly trains: readonly string[];
  readonly loss: (
    networks: Readonly<Record<string, Scope>>,
    batch: TreeRecord<Tensor>,
  ) => { readonly loss: Tensor; readonly metrics?: Readonly<Record<string, Tensor>> };
}

/** A family with one set of settings, ready to be trained by gradients. */
export interface TrainableFamily {
  readonly name: string;
  readonly can: readonly Ability[];
  readonly networks: Readonly<Record<string, Network>>;
  readonly phases: readonly Phase[];
}
