/**
 * The energy counters of Intel and AMD processors (RAPL), as Linux shows them: `/sys/class/powercap/intel-rapl:N` is one processor package,
 * `energy_uj` what it has used so far in microjoules, starting again from 0 at `max_energy_range_uj`. See the kernel's
 * Documentation/power/powercap/powercap.rst. Reading needs root since CVE-2020-8694, unless the administrator has allowed it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FormatError } from "@atelier/engine/errors";

export const POWERCAP = "/sys/class/powercap";

/** Adds up what all processor packages use, over as many turns of their counters as there are. */
export class Powercap {
  readonly #packages: { readonly path: string; readonly range: number; last: number }[];
  #microjoules = 0;

  private constructor(packages: { path: string; range: number; last: number }[]) {
    this.#packages = packages;
  }

  /** Counting begins here. Undefined where there are no counters, or one cannot be read. */
  static open(folder: string = POWERCAP): Powercap | undefined {
    try {
      // intel-rapl:0:1 is a part of package 0; "psys" is the whole board, packages included.
      const packages = readdirSync(folder)
        .filter((name) => /^intel-rapl:\d+$/.test(name))
        .map((name) => join(folder, name))
        .filter((path) => readFileSync(join(path, "name"), "utf8").startsWith("package"))
        .map((path) => ({ path, range: readNumber(path, "max_energy_range_uj"), last: readNumber(path, "energy_uj") }));
      return packages.length === 0 ? undefined : new Powercap(packages);
    } catch {
      return undefined;
    }
  }

  /** How many processor packages are counted. */
  get packages(): number {
    return this.#packages.length;
  }

  /**
   * Joules since it was opened. Has to be called more often than the counters go round, which takes minutes at the least.
   * Undefined where a counter can no longer be read.
   */
  joules(): number | undefined {
    try {
      for (const each of this.#packages) {
        const now = readNumber(each.path, "energy_uj");
        this.#microjoules += now >= each.last ? now - each.last : now + each.range - each.last;
        each.last = now;
      }
      return this.#microjoules / 1e6;
    } catch {
      return undefined;
    }
  }
}

function readNumber(path: string, file: string): number {
  const text = readFileSync(join(path, file), "utf8").trim();
  if (!/^\d+$/.test(text)) throw new FormatError(`${join(path, file)} holds no number`);
  return Number(text);
}
