/**
 * Everything that has to hold: style, types, tests. `npm test`, and `npm run test:slow` for the longer proofs.
 * Further arguments go to vitest: `npm test -- packages/engine`.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensurePackages } from "./debian.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const slow = process.argv.includes("--slow");
const rest = process.argv.slice(2).filter((argument) => argument !== "--slow");

function step(name, command, parameters, environment = {}) {
  console.log(`\n── ${name}`);
  const { status } = spawnSync(command, parameters, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...environment },
  });
  if (status !== 0) process.exit(status ?? 1);
}

const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

if (!slow) ensurePackages();
if (rest.length === 0) {
  step("style", bin("biome"), ["ci", "--error-on-warnings", "."]);
  step("types", bin("tsc"), ["-b"]);
}
step(
  slow ? "slow tests" : "tests",
  bin("vitest"),
  ["run", "--reporter=default", "--reporter=./scripts/closing-line.mjs", ...rest],
  slow ? { ATELIER_SLOW: "1" } : {},
);
