/** How much energy a training or an evaluation took: counted where the processor counts it, else estimated and labelled so. */
import { z } from "zod";
import { Powercap } from "./powercap.js";

export const energySchema = z.object({
  joules: z.number().nonnegative(),
  wattHours: z.number().nonnegative(),
  /** `rapl`: the processors' own counters. `estimate`: processor time at an assumed power. */
  method: z.enum(["rapl", "estimate"]),
  /** What is in the figure, or what it takes for granted. */
  assumption: z.string(),
  /** Of wall time. */
  seconds: z.number().nonnegative(),
});

export type Energy = z.infer<typeof energySchema>;

/**
 * What a core at work takes where nothing is known of the processor: the default of the Green Algorithms calculator (Lannelongue, Grealey
 * and Inouye, "Green Algorithms: quantifying the carbon footprint of computation", 2021; `Any` in its table of processors, which gives
 * thermal design power over cores, mostly 4 to 24 W).
 */
export const WATTS_PER_CORE = 12;

/** Counters go round after several minutes at full power: well within that. */
const MILLISECONDS_BETWEEN_READINGS = 20_000;

export interface EnergyMeter {
  /** What has been used since the start. */
  read(): Energy;
  /** The same, and reads the counters no longer. */
  stop(): Energy;
}

/** Starts to measure. `powercap` is the folder of the counters, `cpuSeconds` this process's time on processors so far. */
export function startEnergyMeter({
  powercap,
  cpuSeconds = processSeconds,
}: {
  readonly powercap?: string;
  readonly cpuSeconds?: () => number;
} = {}): EnergyMeter {
  const startedAt = performance.now();
  const cpuBefore = cpuSeconds();
  const counters = Powercap.open(powercap);
  const timer =
    counters === undefined ? undefined : setInterval(() => counters.joules(), MILLISECONDS_BETWEEN_READINGS).unref();
  const read = (): Energy => {
    const seconds = (performance.now() - startedAt) / 1000;
    const counted = counters?.joules();
    if (counters !== undefined && counted !== undefined) return fromJoules(counted, seconds, "rapl", covers(counters));
    return fromJoules((cpuSeconds() - cpuBefore) * WATTS_PER_CORE, seconds, "estimate", ASSUMPTION);
  };
  return {
    read,
    stop() {
      clearInterval(timer);
      return read();
    },
  };
}

const ASSUMPTION = `${WATTS_PER_CORE} W for each processor core while this process keeps it busy (Green Algorithms' default); without memory, graphics card and idle parts`;

const covers = ({ packages }: Powercap): string =>
  `${packages === 1 ? "the processor package" : `all ${packages} processor packages`}, with whatever else the machine was doing; without memory and graphics card`;

function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const fromJoules = (joules: number, seconds: number, method: Energy["method"], assumption: string): Energy => ({
  joules,
  wattHours: joules / 3600,
  method,
  assumption,
  seconds,
});

/** Two stretches of one work, such as a training that was stopped and went on. Where one is estimated, so is the sum. */
export function addEnergy(a: Energy, b: Energy): Energy {
  const method = a.method === "rapl" && b.method === "rapl" ? "rapl" : "estimate";
  const assumption = a.assumption.includes(b.assumption)
    ? a.assumption
    : `in part ${a.assumption}; in part ${b.assumption}`;
  return fromJoules(a.joules + b.joules, a.seconds + b.seconds, method, assumption);
}

/** `12.3 Wh (estimated)` */
export function formatEnergy({ wattHours, method }: Energy): string {
  const amount = wattHours >= 1000 ? `${(wattHours / 1000).toPrecision(3)} kWh` : `${wattHours.toPrecision(3)} Wh`;
  return method === "estimate" ? `${amount} (estimated)` : amount;
}
