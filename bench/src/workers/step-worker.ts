/**
 * Our side of the step protocol (../worker-process.ts is the other end): announces itself in a line of JSON, then answers every command with
 * one. What it steps is a `Stepper`; this file knows nothing of engines or models.
 */

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";

export interface Stepper {
  /** What is being trained and how, for the benchmark's notes. */
  readonly description: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Tracing, differentiating, optimising and compiling the step, in milliseconds. */
  readonly compileMilliseconds: number;
  /** How many numbers are trained, where the peer has to train as many. */
  readonly parameters?: number;
  /**
   * Takes `count` steps of the product's own training loop (batch, forward, backward, clipping, optimiser, reading the loss) and
   * resolves once the last is finished.
   * @returns the last step's loss, in nats.
   */
  steps(count: number): Promise<number>;
}

const commandSchema = z.discriminatedUnion("command", [
  z.object({ command: z.literal("steps"), count: z.number().int().positive() }),
  z.object({ command: z.literal("memory") }),
]);

/** Answers commands until the input ends. */
export async function serve(stepper: Stepper, input: Readable, output: Writable): Promise<void> {
  const reply = (message: object) => output.write(`${JSON.stringify(message)}\n`);
  const { description, versions, compileMilliseconds, parameters } = stepper;
  reply({ ready: true, description, versions, compileMilliseconds, parameters });
  for await (const line of createInterface({ input })) {
    const command = commandSchema.parse(JSON.parse(line));
    if (command.command === "steps") {
      const started = performance.now();
      const loss = await stepper.steps(command.count);
      reply({ milliseconds: performance.now() - started, loss });
    } else {
      reply({ bytes: peakResidentBytes() });
    }
  }
}

/**
 * The most memory this process ever held. Linux counts it for the program itself (VmHWM); `maxRSS`, elsewhere, may start at
 * the size of the parent process.
 */
export function peakResidentBytes(): number {
  if (process.platform === "linux") {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
