/**
 * The main job, end to end: builds, fetches a real book, trains a small GPT on it for about two minutes, and shows what it writes
 * beside the n-gram baseline. `npm run quickstart`
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = (command, parameters) => {
  const { status } = spawnSync(command, parameters, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};

run(fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url)), ["-b", "packages/atelier"]);
run(process.execPath, ["packages/atelier/dist/cli/main.js", "train", "recipes/quickstart.json", ...process.argv.slice(2)]);
console.log(`
What to try next
  npm run atelier -- generate quickstart… --prompt "The whale"    see \`npm run atelier -- models\` for the name
  npm run atelier -- train ./your-texts                           your own .txt or .md files
  npm run atelier -- help                                         everything else
  recipes/quickstart.json                                         the settings of what you just trained`);
