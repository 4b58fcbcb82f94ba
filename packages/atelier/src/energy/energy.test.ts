/** Energy from a powercap folder made by hand, with counters that are turned on, and the estimate from given processor time. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addEnergy, type Energy, energySchema, formatEnergy, startEnergyMeter } from "./energy.js";
import { Powercap } from "./powercap.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "powercap-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function domain(name: string, files: Record<string, string | number>): void {
  mkdirSync(join(folder, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), `${text}\n`);
}

/** Two packages, with the parts and the board that must not be counted beside them. */
function twoPackages(first: number, second: number): void {
  domain("intel-rapl:0", { name: "package-0", energy_uj: first, max_energy_range_uj: 262_143_328_850 });
  domain("intel-rapl:1", { name: "package-1", energy_uj: second, max_energy_range_uj: 1_000_000 });
  domain("intel-rapl:0:0", { name: "core", energy_uj: first, max_energy_range_uj: 262_143_328_850 });
  domain("intel-rapl:2", { name: "psys", energy_uj: first + second, max_energy_range_uj: 262_143_328_850 });
  domain("intel-rapl", { enabled: 1 });
}

describe("Powercap", () => {
  it("adds up the packages, whole turns of their counters included", () => {
    twoPackages(5_000_000, 400_000);
    const powercap = Powercap.open(folder)!;
    expect(powercap.packages).toBe(2);
    expect(powercap.joules()).toBe(0);
    twoPackages(7_500_000, 900_000);
    expect(powercap.joules()).toBeCloseTo(2.5 + 0.5, 12);
    twoPackages(7_500_000, 300_000); // from 900,000 over 1,000,000 to 300,000
    expect(powercap.joules()).toBeCloseTo(3 + 0.4, 12);
    twoPackages(7_500_000, 200_000);
    expect(powercap.joules()).toBeCloseTo(3.4 + 0.9, 12);
  });

  it("is not there without packages, or where a counter cannot be read", () => {
    expect(Powercap.open(join(folder, "nowhere"))).toBe(undefined);
    expect(Powercap.open(folder)).toBe(undefined);
    twoPackages(1, 1);
    rmSync(join(folder, "intel-rapl:1", "energy_uj")); // as unreadable as one that only root may read
    expect(Powercap.open(folder)).toBe(undefined);
    domain("intel-rapl:1", { energy_uj: "" });
    expect(Powercap.open(folder)).toBe(undefined);
  });
});

describe("startEnergyMeter", () => {
  it("counts, and reads often enough not to miss a turn", () => {
    vi.useFakeTimers();
    twoPackages(0, 900_000);
    const meter = startEnergyMeter({ powercap: folder });
    // Twice round between start and end: seen because the counter is read in between.
    for (const energy of [500_000, 100_000, 800_000, 300_000]) {
      twoPackages(0, energy);
      vi.advanceTimersByTime(30_000);
    }
    const energy = meter.stop();
    // 900 → 1,500 → 2,100 → 2,800 → 3,300 thousand microjoules.
    expect(energy.joules).toBeCloseTo(2.4, 12);
    expect(energy.wattHours).toBeCloseTo(2.4 / 3600, 15);
    expect(energy.seconds).toBeCloseTo(120, 6);
    expect(energy.method).toBe("rapl");
    expect(energy.assumption).toContain("all 2 processor packages");
    expect(vi.getTimerCount()).toBe(0);
    expect(energySchema.parse(JSON.parse(JSON.stringify(energy)))).toEqual(energy);
  });

  it("estimates from processor time where nothing is counted, or no longer, and says so", () => {
    let spent = 100;
    const nowhere = startEnergyMeter({ powercap: join(folder, "nowhere"), cpuSeconds: () => spent });
    twoPackages(0, 0);
    const lost = startEnergyMeter({ powercap: folder, cpuSeconds: () => spent });
    rmSync(join(folder, "intel-rapl:0"), { recursive: true });
    spent = 400;
    for (const energy of [nowhere.read(), nowhere.stop(), lost.stop()]) {
      // 300 core seconds at 12 W are 3,600 J: 1 Wh.
      expect(energy).toMatchObject({ joules: 3600, wattHours: 1, method: "estimate" });
      expect(energy.assumption).toContain("12 W");
    }
  });

  it("takes this process's own time by itself", () => {
    const meter = startEnergyMeter({ powercap: folder });
    const before = process.cpuUsage();
    let x = 0;
    while (process.cpuUsage(before).user < 30_000) for (let i = 0; i < 1e5; i++) x += Math.sqrt(i);
    expect(x).toBeGreaterThan(0);
    expect(meter.stop().joules).toBeGreaterThanOrEqual(0.03 * 12);
  });
});

describe("sums and words", () => {
  const counted: Energy = { joules: 3600, wattHours: 1, method: "rapl", assumption: "packages", seconds: 60 };
  const estimated: Energy = { joules: 7200, wattHours: 2, method: "estimate", assumption: "12 W", seconds: 30 };

  it("add up the sittings of one training", () => {
    expect(addEnergy(counted, counted)).toEqual({ ...counted, joules: 7200, wattHours: 2, seconds: 120 });
    const sum = addEnergy(counted, estimated);
    expect(addEnergy(sum, counted).assumption).toBe(sum.assumption);
    expect(sum).toEqual({
      joules: 10800,
      wattHours: 3,
      method: "estimate",
      assumption: "in part packages; in part 12 W",
      seconds: 90,
    });
  });

  it("are printed with their kind", () => {
    expect(formatEnergy(counted)).toBe("1.00 Wh");
    expect(formatEnergy({ ...estimated, wattHours: 0.01234 })).toBe("0.0123 Wh (estimated)");
    expect(formatEnergy({ ...counted, wattHours: 12345 })).toBe("12.3 kWh");
  });
});
