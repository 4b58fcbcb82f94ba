/** The curves of a run, from its `metrics.jsonl`. */
import { readMetrics } from "../storage/metrics-log.js";
import { runPaths } from "../storage/run-directory.js";

export interface CurvePoint {
  readonly step: number;
  /** Since the run began, over all sittings. */
  readonly seconds: number;
  readonly loss: number;
}

export interface Curves {
  readonly training: readonly CurvePoint[];
  readonly validation: readonly CurvePoint[];
}

/** Both curves of the run in a folder; empty ones where there is no such run. @throws {FormatError} */
export async function readCurves(directory: string): Promise<Curves> {
  const records = await readMetrics(runPaths(directory).metrics);
  const points = (name: string): CurvePoint[] =>
    records.flatMap(({ step, seconds, [name]: loss }) =>
      typeof loss === "number" && typeof seconds === "number" ? [{ step, seconds, loss }] : [],
    );
  return { training: points("loss"), validation: points("validationLoss") };
}
