/**
 * Builds the command line once before the tests: the end-to-end suites run it as people do, as a process of its own. Where nothing has
 * changed this takes a third of a second. A build that fails is told by the suites that need it; the others run all the same.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

export default function setup(project: TestProject): void {
  const root = fileURLToPath(new URL(".", import.meta.url));
  const { status, stdout, stderr } = spawnSync(`${root}node_modules/.bin/tsc`, ["-b", "packages/atelier"], {
    cwd: root,
    encoding: "utf8",
  });
  project.provide("buildFailure", status === 0 ? "" : `tsc -b packages/atelier failed:\n${stdout}${stderr}`);
}
