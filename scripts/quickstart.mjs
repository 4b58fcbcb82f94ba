/**
 * The main job, end to end: builds, fetches a real book, trains a small GPT on it for about two minutes, and shows what it writes
 * beside the n-gram baseline. `npm run quickstart`; further arguments go to `atelier train`.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, parameters) {
  const { status, signal } = spawnSync(command, parameters, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? (signal === "SIGINT" ? 130 : 1));
}

// Ctrl-C goes to the training, which saves and says how to go on; this script only waits for it.
process.on("SIGINT", () => {});

run(fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url)), ["-b", "packages/atelier"]);
const atelier = "packages/atelier/dist/cli/main.js";
run(process.execPath, [atelier, "train", "recipes/quickstart.json", "--minutes", "2.4", ...process.argv.slice(2)]);
console.log(`
What to try next (in this clone, \`atelier\` is \`npm run atelier --\`)
  npm run atelier -- models                          what you have; its name goes into the next line
  npm run atelier -- generate NAME --prompt "The whale"
  npm run atelier -- train ./your-texts              your own .txt or .md files, with no recipe at all
  npm run atelier -- train --help                    every option; the settings stand in recipes/README.md`);
