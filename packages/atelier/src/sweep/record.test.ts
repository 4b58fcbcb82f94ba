import { describe, expect, it } from "vitest";
import { participants, planOfSweep, runName, type SweepRecord, summarise, type TrialResult } from "./record.js";
import { sweepTable, sweepVerdict } from "./table.js";

const record = (results: readonly (readonly [trial: number, rung: number, loss: number | string])[]): SweepRecord => ({
  format: 1,
  name: "s",
  created: "2026-01-02T03:04:05.000Z",
  updated: "2026-01-02T03:04:05.000Z",
  status: "running",
  recipe: { data: "text.txt", training: { steps: 90 } },
  over: ["model.dropout=0..0.5"],
  method: "halving",
  trials: 9,
  eta: 3,
  seed: 1,
  metric: "loss",
  results: results.map(([trial, rung, loss]): TrialResult => {
    const run = { trial, rung, run: `r${trial}`, steps: 10 * 3 ** rung, seconds: 2 };
    return typeof loss === "string" ? { ...run, failure: loss } : { ...run, figures: { loss } };
  }),
});

const first = [2.9, 2.2, 2.5, 2.8, 2.1, 2.4, 2.3, 2.7, 2.6].map((loss, i) => [i + 1, 0, loss] as const);
const numbersIn = (of: SweepRecord, rung: number) =>
  participants(of, planOfSweep(of), rung)?.map(({ number }) => number);

describe("participants", () => {
  it("lets the best third go on, once the rung is complete", () => {
    const all = record(first);
    expect(numbersIn(all, 0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(numbersIn(all, 1)).toEqual([2, 5, 7]);
    expect(numbersIn(all, 2)).toBeUndefined();
    expect(numbersIn(record(first.slice(1)), 1)).toBeUndefined();
  });

  it("passes over failed trials, and prefers the earlier of equals", () => {
    const failing = first.map(
      ([trial, rung, loss]) => [trial, rung, trial % 2 === 1 ? "no" : loss === 2.7 ? 2.4 : loss] as const,
    );
    expect(numbersIn(record(failing), 1)).toEqual([2, 6, 8]);
    const barely = first.map(([trial, rung]) => [trial, rung, trial === 4 ? 1 : "no"] as const);
    expect(numbersIn(record(barely), 1)).toEqual([4]);
    expect(numbersIn(record(first.map(([trial, rung]) => [trial, rung, "no"] as const)), 1)).toEqual([]);
  });
});

describe("summarise", () => {
  const done = record([...first, [2, 1, 1.9], [5, 1, 2], [7, 1, "burst"], [2, 2, 1.7]]);

  it("sorts a higher rung before a lower one, then by score", () => {
    const rows = summarise(done);
    expect(rows.map(({ trial }) => trial)).toEqual([2, 5, 7, 6, 3, 9, 8, 4, 1]);
    expect(rows.map(({ status }) => status)).toEqual(["finished", "dropped", "failed", ...Array(6).fill("dropped")]);
    expect(rows[0]).toMatchObject({ score: 1.7, steps: 90, seconds: 6, run: "r2" });
    expect(rows[2]).toMatchObject({ score: 2.3, steps: 10, failure: "burst" });
  });

  it("has trials waiting while their rung is not decided", () => {
    const statuses = summarise(record(first.slice(0, 2))).map(({ trial, status }) => `${trial} ${status}`);
    expect(statuses).toEqual([2, 1, 3, 4, 5, 6, 7, 8, 9].map((trial) => `${trial} waiting`));
  });

  it("is told in a table and a sentence", () => {
    const { headings, rows } = sweepTable("loss", summarise(done));
    expect(headings).toEqual(["trial", "dropout", "loss", "steps", "time", "status"]);
    expect(rows[0]!.toSpliced(1, 1)).toEqual(["2", "1.7000", "90", "6.0 s", "finished"]);
    expect(sweepVerdict("loss", summarise(done))).toMatch(
      /^Best of 9 trials is trial 2: validation loss 1\.7000 after 90 steps, with model\.dropout = 0\.\d+\. 1 trial failed\.$/,
    );
    expect(sweepVerdict("loss", summarise(record([])))).toBe(
      "No trial has come to a figure. 9 trials of 9 still to make.",
    );
  });
});

it("names runs after the sweep, the trial and the rung", () => {
  const plan = planOfSweep(record([]));
  expect([0, 1, 2].map((rung) => runName(record([]), plan, 7, rung))).toEqual(["s-07-rung1", "s-07-rung2", "s-07"]);
});
