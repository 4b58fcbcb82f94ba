/** The part that the step rows share: start both workers, let them take turns, and stop them. */

import { WorkerError } from "../errors.js";
import { alternate, type TurnSettings } from "../protocol.js";
import { type Command, type Ready, WorkerProcess } from "../worker-process.js";
import type { BenchContext, Measurement } from "./row.js";

export async function measureSteps(
  context: BenchContext,
  commands: { readonly ours: Command; readonly peer: Command },
  turns: Pick<TurnSettings, "ourSteps" | "peerSteps">,
): Promise<Measurement> {
  return withWorkers(context, commands, async (ours, peer, note) => {
    const comparison = await alternate(ours, peer, {
      ...turns,
      rounds: context.rounds,
      onRound: (round, ratio) => context.progress(`round ${round + 1} of ${context.rounds}: ${ratio.toFixed(3)}`),
    });
    return { ...comparison, note };
  });
}

/** Starts ours, then the peer, hands both over, and ends them whatever happens. */
export async function withWorkers<T>(
  context: BenchContext,
  commands: { readonly ours: Command; readonly peer: Command },
  use: (ours: WorkerProcess, peer: WorkerProcess, note: string) => Promise<T>,
): Promise<T> {
  context.progress("starting our worker");
  const ours = await WorkerProcess.start("our worker", commands.ours, context.threads);
  try {
    context.progress("starting the peer");
    const peer = await WorkerProcess.start("the peer", commands.peer, context.threads);
    try {
      requireSameParameters(ours.ready, peer.ready);
      const compiled = ours.ready.compileMilliseconds;
      const seconds = compiled === undefined ? "" : `, traced and compiled in ${(compiled / 1000).toFixed(2)} s`;
      return await use(ours.worker, peer.worker, `${describe(ours.ready)}${seconds}, against ${describe(peer.ready)}`);
    } finally {
      await peer.worker.close();
    }
  } finally {
    await ours.worker.close();
  }
}

/** @throws WorkerError where both say how many parameters they train, and not the same number. */
function requireSameParameters(ours: Ready, peer: Ready): void {
  if (ours.parameters !== undefined && peer.parameters !== undefined && ours.parameters !== peer.parameters) {
    throw new WorkerError(`Ours trains ${ours.parameters} parameters, the peer ${peer.parameters}.`);
  }
}

export function describe(ready: Pick<Ready, "description" | "versions">): string {
  return `${ready.description} (${describeVersions(ready.versions)})`;
}

export function describeVersions(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
