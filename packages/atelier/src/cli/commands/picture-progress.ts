/** Progress of opening and decoding pictures, one display for each stage. */
import type { DatasetProgress } from "@atelier/data";
import type { Progress, ProgressTask } from "../progress.js";

const labels = { download: "fetching", read: "reading", decode: "decoding", curate: "curating" } as const;
const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

export function pictureProgress(
  progress: Progress,
): (report: Omit<DatasetProgress, "stage"> & { stage: string }) => void {
  let shown: { readonly stage: string; readonly task: ProgressTask } | undefined;
  return ({ stage, unit, done, total }) => {
    const scaled = unit === "bytes" ? megabytes : (count: number): number => count;
    if (shown?.stage !== stage) {
      const label = stage in labels ? labels[stage as keyof typeof labels] : stage;
      shown = { stage, task: progress.start({ label, total: scaled(total), unit: unit === "bytes" ? "MB" : unit }) };
    }
    shown.task.update(scaled(done));
  };
}
