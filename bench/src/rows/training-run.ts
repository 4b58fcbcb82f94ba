/** Runs a whole recipe, or anything else that takes long, in a process of its own and reads the one line of JSON that it prints at its end. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { WorkerError } from "../errors.js";
import { type Command, environmentFor } from "../worker-process.js";
import type { BenchContext } from "./row.js";

const resultSchema = z.object({
  /** From the text in memory to the last step: compiling and the recipe's own evaluations included. */
  seconds: z.number().positive(),
  /** Mean loss in nats over the whole validation split, in non-overlapping context windows from its first token. */
  validationLoss: z.number(),
  /** How many tokens that is the mean over. */
  predictions: z.number().int().positive(),
  parameters: z.number().int().positive(),
  steps: z.number().int().positive(),
  seed: z.number(),
  versions: z.record(z.string(), z.string()),
});

export type TrainingResult = z.infer<typeof resultSchema>;

/** @throws WorkerError when the process cannot be started, fails, or ends without a result. */
export const runTraining = (
  name: string,
  command: Command,
  threads: number,
  progress: (line: string) => void,
): Promise<TrainingResult> => runToEnd({ name, command, schema: resultSchema }, { threads, progress });

export interface Run<Result> {
  readonly name: string;
  readonly command: Command;
  /** Of the last line that it prints. */
  readonly schema: z.ZodType<Result>;
}

/** @throws WorkerError when the process cannot be started, fails, or ends without a result. */
export async function runToEnd<Result>(
  { name, command, schema }: Run<Result>,
  { threads, progress }: Pick<BenchContext, "threads" | "progress">,
): Promise<Result> {
  const child = spawn(command.program, [...command.arguments], {
    env: environmentFor(threads),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let last = "";
  let complaint = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    last = line;
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    complaint = line;
    progress(`${name}: ${line}`);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new WorkerError(`${name} could not be started: ${cause.message}`, { cause })),
    );
    child.once("close", resolve);
  });
  if (code !== 0) throw new WorkerError(`${name} ended with exit code ${code}. ${complaint}`.trim());
  return parseResult(name, last, schema);
}

function parseResult<Result>(name: string, line: string, schema: z.ZodType<Result>): Result {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new WorkerError(`${name} printed no result: '${line}'`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new WorkerError(`${name} printed something unexpected: ${line}`, { cause: parsed.error });
  return parsed.data;
}
