/** Finding and installing what we measure against. Nothing of it belongs to the workspace's own install. */

import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { WorkerError } from "./errors.js";

const run = promisify(execFile);

const tfjsVersion = "4.22.0";
const tfjsPackages = ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"];
const packageSchema = z.object({ version: z.string() });

/**
 * Asks a Python for its PyTorch version.
 * @throws WorkerError when there is no such interpreter, or it has no PyTorch or NumPy.
 */
export async function findTorch(python: string): Promise<string> {
  try {
    const { stdout } = await run(python, ["-c", "import numpy, torch; print(torch.__version__)"]);
    return stdout.trim();
  } catch (cause) {
    const lines = cause instanceof Error ? cause.message.trim().split("\n") : [String(cause)];
    throw new WorkerError(`'${python}' cannot import PyTorch: ${lines.at(-1)}`, {
      hint: "Name a Python that has torch and numpy with --python PATH.",
      cause,
    });
  }
}

/**
 * Asks a Python for its version of Hugging Face transformers.
 * @throws WorkerError when it has none.
 */
export async function findTransformers(python: string): Promise<string> {
  try {
    const { stdout } = await run(python, ["-c", "import transformers; print(transformers.__version__)"]);
    return stdout.trim();
  } catch (cause) {
    throw new WorkerError(`'${python}' cannot import transformers`, {
      hint: "Install it beside PyTorch: pip install transformers.",
      cause,
    });
  }
}

/**
 * Installs TensorFlow.js into `folder` unless it is there already, without running any package's scripts.
 * @throws WorkerError when npm fails.
 */
export async function installTfjs(folder: string, progress: (line: string) => void): Promise<void> {
  const versions = await Promise.all(tfjsPackages.map((name) => installedVersion(join(folder, "node_modules", name))));
  if (versions.every((version) => version === tfjsVersion)) return;
  progress(`installing TensorFlow.js ${tfjsVersion} into ${folder} (about 300 MB)`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), `${JSON.stringify({ private: true })}\n`);
    const packages = tfjsPackages.map((name) => `${name}@${tfjsVersion}`);
    const flags = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    await run("npm", ["install", ...flags, ...packages], { cwd: folder, shell: process.platform === "win32" });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.trim().split("\n").at(-1) : String(cause);
    throw new WorkerError(`TensorFlow.js could not be installed: ${message}`, {
      hint: "It comes from the npm registry; check the network.",
      cause,
    });
  }
}

async function installedVersion(folder: string): Promise<string | undefined> {
  try {
    const parsed = packageSchema.safeParse(JSON.parse(await readFile(join(folder, "package.json"), "utf8")));
    return parsed.success ? parsed.data.version : undefined;
  } catch {
    return undefined;
  }
}
