/** `atelier doctor`: what this machine offers, tried and measured rather than guessed. */
import { execFile } from "node:child_process";
import { access, constants, stat } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { systemCode } from "../../storage/errors.js";
import { defineCommand } from "../command.js";
import { formatBytes, formatFields } from "../format.js";
import { threads } from "./device-options.js";

interface DeviceReport {
  readonly device: string;
  readonly available: boolean;
  readonly gflops: number | null;
  readonly reason: string | null;
}

const DEVICES = ["cpu", "webgpu", "cuda"] as const;

export const doctor = defineCommand({
  name: "doctor",
  summary: "show devices, threads, memory and measured speed",
  examples: [["atelier doctor", "what works here, and how fast"]],
  options: { threads },
  positionals: {},
  async run({ options, home, out }) {
    const { versionsOf, defaultThreads } = await import("../../training/machine.js");
    const used = options.threads ?? defaultThreads();
    const devices: DeviceReport[] = [];
    // One at a time, so that they do not slow each other; each in a process of its own, since a driver can bring one down.
    for (const device of DEVICES) devices.push(await probe(device, used));
    const writable = await isWritable(home);
    const versions = await versionsOf();
    const lines = formatFields([
      [
        "versions",
        Object.entries(versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(", "),
      ],
      ["processor", `${cpus()[0]?.model.trim() ?? "unknown"}, ${cpus().length} cores`],
      ["threads", String(used)],
      ["memory", `${formatBytes(totalmem())}, ${formatBytes(freemem())} free`],
      ["home", `${home}${writable ? "" : " (not writable)"}`],
    ]);
    for (const line of lines) out.text(line);
    out.text();
    for (const { device, available, gflops, reason } of devices) {
      const mark = available ? out.style.green("ok") : out.style.dim("--");
      const told = available ? `${gflops?.toFixed(0)} GFLOP/s (float32 matrix product, 1024³)` : reason;
      out.text(`${mark}  ${device.padEnd(7)} ${told}`);
    }
    return {
      versions,
      processor: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      threads: used,
      memory: totalmem(),
      free: freemem(),
      home,
      writable,
      devices,
    };
  },
});

/** Whether a folder can be written to, or made where there is none yet: nothing is. */
async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return (await stat(folder)).isDirectory();
  } catch (error) {
    return systemCode(error) === "ENOENT" && folder !== dirname(folder) && isWritable(dirname(folder));
  }
}

/** Measures a device in a child process. */
function probe(device: string, threads: number): Promise<DeviceReport> {
  const script = fileURLToPath(new URL("../../tools/measure-device.js", import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, device, String(threads)], { timeout: 60_000 }, (error, stdout) => {
      try {
        const { gflops, reason } = JSON.parse(stdout) as { gflops: number | null; reason: string | null };
        resolve({ device, available: gflops !== null, gflops, reason });
      } catch {
        resolve({
          device,
          available: false,
          gflops: null,
          reason: error === null ? "no answer" : "the driver ended the process",
        });
      }
    });
  });
}
