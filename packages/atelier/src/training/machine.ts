/** What a run is made on: versions and machine, which bit-for-bit promises depend on. */
import { readFile } from "node:fs/promises";
import { cpus, platform, release, totalmem } from "node:os";
import { currentRuntime } from "@atelier/engine";

export async function versionsOf(): Promise<Record<string, string>> {
  const runtime = await currentRuntime();
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return { atelier: version, node: process.versions.node, [runtime.name]: runtime.version };
}

export function machineOf(device: string, threads: number): Record<string, unknown> {
  return {
    platform: `${platform()} ${release()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: totalmem(),
    device,
    threads,
  };
}

/** Threads an operation uses unless told otherwise: one for each core, up to 16. */
export const defaultThreads = (): number => Math.max(1, Math.min(16, cpus().length));
