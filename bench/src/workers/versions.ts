/** The versions that a figure of ours depends on. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

export function versions(): Readonly<Record<string, string>> {
  // onnxruntime-node belongs to the engine, so it is looked for from there.
  const engine = createRequire(import.meta.resolve("@atelier/engine"));
  const file = engine.resolve("onnxruntime-node/package.json");
  const { version } = packageSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return { "onnxruntime-node": version, node: process.versions.node };
}
