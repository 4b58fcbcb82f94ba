/**
 * Real child processes for tests: an entry file is bundled once (Node 20 does not run TypeScript) and then run, killed, starved of disk
 * or made somebody else, as the test needs.
 */
import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll } from "vitest";

// Inside node_modules, so that bare imports which stay external are found.
const cache = fileURLToPath(new URL("../../../../node_modules/.cache/atelier-tests/", import.meta.url));

const bundles: string[] = [];
afterAll(() => {
  for (const bundle of bundles) rmSync(bundle, { recursive: true, force: true });
});

/** Bundles a TypeScript entry for Node; returns the path of the script, which is removed after the calling test file. */
export async function bundleForNode(entry: URL): Promise<string> {
  mkdirSync(cache, { recursive: true });
  const outDir = mkdtempSync(join(cache, "bundle-"));
  bundles.push(outDir);
  const input = fileURLToPath(entry);
  await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["source", "node", "import", "module", "default"] },
    ssr: { noExternal: [/^@atelier\//], resolve: { conditions: ["source", "node", "import", "module", "default"] } },
    build: { ssr: input, outDir, emptyOutDir: true, target: "node20", minify: false },
  });
  return join(outDir, `${basename(input, ".ts")}.js`);
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  /** Resolves once standard output or error contains the text. */
  printed(text: string): Promise<void>;
}

/** Starts a program and collects what it prints. */
export function start(command: string, args: readonly string[], options: SpawnOptionsWithoutStdio = {}): Child {
  const child = spawn(command, args, options);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    stderr += data.toString();
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    process: child,
    finished,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (stdout.includes(text) || stderr.includes(text)) resolve();
        };
        check();
        child.stdout.on("data", check);
        child.stderr.on("data", check);
        child.on("close", () => reject(new Error(`it ended without printing "${text}": ${stdout}${stderr}`)));
      }),
  };
}

export const startNode = (
  script: string,
  args: readonly string[] = [],
  options: SpawnOptionsWithoutStdio = {},
): Child => start(process.execPath, [script, ...args], options);
