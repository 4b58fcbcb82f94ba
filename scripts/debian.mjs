/** What the tests need beyond npm. Installed with apt where that may be done, otherwise said plainly, with the suites that are left out. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const findChromium = () => CHROMIUM.find((path) => existsSync(path));

/** Each with the file by which it is known, and what needs it. */
const NEEDED = [
  { name: "chromium", found: () => findChromium() !== undefined, suites: "the WebGPU and browser suites" },
  {
    name: "dataset-fashion-mnist",
    found: () => existsSync("/usr/share/datasets/fashion-mnist"),
    suites: "the suites on Fashion-MNIST",
  },
];

export function ensurePackages() {
  const missing = NEEDED.filter(({ found }) => !found());
  if (missing.length === 0) return;
  const mayInstall = process.getuid?.() === 0 && existsSync("/etc/debian_version");
  if (mayInstall) {
    const names = missing.map(({ name }) => name);
    console.log(`Installing with apt: ${names.join(", ")}…`);
    const run = (...parameters) =>
      spawnSync("apt-get", parameters, {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      });
    run("update", "-qq");
    // One by one: what cannot be had must not keep the others away.
    for (const name of names) run("install", "-y", "-qq", "--no-install-recommends", name);
  }
  for (const { name, found, suites } of missing) {
    if (found()) continue;
    const why = mayInstall ? "apt could not install it" : `Debian's package ${name}`;
    console.log(`${name} is not installed (${why}). Left out: ${suites}.`);
  }
}
