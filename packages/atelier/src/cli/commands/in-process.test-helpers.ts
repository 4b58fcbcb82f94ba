/** Command lines in this process: faster than a process each, for tests of what commands print and refuse. */
import { PassThrough } from "node:stream";
import { runCommandLine } from "../shell.js";
import { commandEntries } from "./index.js";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface InProcessOptions {
  readonly home: string;
  /** Standard output is a terminal of 24-bit colours, so many characters wide. */
  readonly terminal?: number | undefined;
}

/** Runs `atelier ARGS…` to its end. */
export async function inProcess(args: readonly string[], { home, terminal }: InProcessOptions): Promise<Ended> {
  const texts = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof texts, settings: object = {}): PassThrough =>
    Object.assign(
      new PassThrough().on("data", (data: Buffer) => {
        texts[name] += data.toString();
      }),
      settings,
    );
  const host = {
    stdout: stream("stdout", terminal === undefined ? {} : { isTTY: true, columns: terminal }),
    stderr: stream("stderr"),
    stdin: new PassThrough(),
    environment: { ATELIER_HOME: home, ...(terminal === undefined ? {} : { COLORTERM: "truecolor" }) },
    signal: new AbortController().signal,
  };
  const code = await runCommandLine(args, host, commandEntries);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...texts };
}
