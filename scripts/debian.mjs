/** What the tests need beyond npm: a browser with a software GPU. Installed with apt where that may be done, otherwise said plainly. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const findChromium = () => CHROMIUM.find((path) => existsSync(path));

/** True when Chromium is there afterwards. */
export function ensureChromium() {
  if (findChromium() !== undefined) return true;
  const mayInstall = process.getuid?.() === 0 && existsSync("/etc/debian_version");
  if (!mayInstall) {
    console.log("Chromium is not installed (Debian's package: chromium). Left out: the WebGPU and browser suites.");
    return false;
  }
  console.log("Installing Chromium with apt, for the WebGPU and browser suites…");
  const run = (...parameters) =>
    spawnSync("apt-get", parameters, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  const lists = run("update", "-qq");
  const installed = run("install", "-y", "-qq", "--no-install-recommends", "chromium");
  if (installed.status !== 0 || findChromium() === undefined) {
    console.log(
      `apt could not install Chromium (update: ${lists.status}, install: ${installed.status}). Left out: the WebGPU and browser suites.`,
    );
    return false;
  }
  return true;
}
