/**
 * A worker: a child process that stays alive and speaks lines of JSON over its standard input and output, so that interpreters start, models
 * compile and caches warm up once, outside of what is timed. It first prints `{"ready": true, "description", "versions"}`; then every
 * command gets one line in answer. Ours and every peer speak the same protocol, whatever their language.
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { WorkerError } from "./errors.js";

/** How to start a process. */
export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
}

/** What both sides get: as many threads for every library that reads the number from the environment. */
export function environmentFor(threads: number): NodeJS.ProcessEnv {
  const count = String(threads);
  return {
    ...process.env,
    OMP_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

const readySchema = z.object({
  ready: z.literal(true),
  description: z.string(),
  versions: z.record(z.string(), z.string()),
  /** Trace, differentiate, optimise and compile; only ours have it. */
  compileMilliseconds: z.number().optional(),
  /** How many numbers are trained, where the two sides are held to the same. */
  parameters: z.number().optional(),
});
const stepsSchema = z.object({ milliseconds: z.number().positive(), loss: z.number() });
const memorySchema = z.object({ bytes: z.number().positive() });

export type Ready = z.infer<typeof readySchema>;

const stderrLinesKept = 12;

export class WorkerProcess {
  readonly name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #stderr: string[] = [];
  readonly #closed: Promise<void>;

  private constructor(name: string, command: Command, threads: number) {
    this.name = name;
    this.#child = spawn(command.program, [...command.arguments], { env: environmentFor(threads) });
    this.#closed = new Promise((resolve) => {
      this.#child.once("close", () => resolve());
      this.#child.once("error", (error) => {
        this.#stderr.push(error.message);
        resolve();
      });
    });
    // A worker that has died makes writing fail (EPIPE); what matters then is that its answer never comes.
    this.#child.stdin.on("error", () => {});
    createInterface({ input: this.#child.stderr }).on("line", (line) => {
      this.#stderr.push(line);
      if (this.#stderr.length > stderrLinesKept) this.#stderr.shift();
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Starts a worker and waits until it is ready.
   * @throws WorkerError when it cannot be started, or ends or says something else before it is ready.
   */
  static async start(
    name: string,
    command: Command,
    threads: number,
  ): Promise<{ readonly worker: WorkerProcess; readonly ready: Ready }> {
    const worker = new WorkerProcess(name, command, threads);
    try {
      return { worker, ready: await worker.#answer(readySchema) };
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  /** Takes `count` training steps; milliseconds for all of them, by the worker's own clock. */
  async steps(count: number): Promise<number> {
    const { milliseconds, loss } = await this.#ask({ command: "steps", count }, stepsSchema);
    if (!Number.isFinite(loss))
      throw new WorkerError(`${this.name} reached a loss of ${loss}: its steps mean nothing.`);
    return milliseconds;
  }

  /** The peak resident memory of the worker so far, in bytes. */
  async memory(): Promise<number> {
    return (await this.#ask({ command: "memory" }, memorySchema)).bytes;
  }

  /** Lets the worker end by itself, and stops it if it has not within two seconds. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await this.#closed;
    clearTimeout(timer);
  }

  #ask<T>(message: object, schema: z.ZodType<T>): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    return this.#answer(schema);
  }

  async #answer<T>(schema: z.ZodType<T>): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) {
      await this.#closed;
      throw new WorkerError(`${this.name} ended before it answered. ${this.#stderr.join(" | ")}`.trim(), {
        hint: `Run it by itself to see why: ${this.#child.spawnargs.join(" ")}`,
      });
    }
    const parsed = schema.safeParse(parseJson(value));
    if (!parsed.success) throw new WorkerError(`${this.name} answered with something unexpected: ${value}`);
    return parsed.data;
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
