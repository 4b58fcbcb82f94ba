/** `atelier evaluate`: everything that is measured of a model, beside the n-gram baseline on the same tokens. */
import { z } from "zod";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { formatCount, wrapText } from "../format.js";
import { formatMeasures } from "../measures.js";
import { flag, required, value } from "../options.js";
import type { ProgressTask } from "../progress.js";
import { deviceOptions } from "./device-options.js";

export const evaluate = defineCommand({
  name: "evaluate",
  summary: "measure a model on held-out text, beside the n-gram baseline",
  details:
    "Without --data, the validation split of the model's own data is judged. With it, the whole of another text is; the baseline is then " +
    "still fitted on the model's training text.",
  examples: [
    ["atelier evaluate whale", "how well it predicts, what its samples are like, what it copies"],
    ["atelier evaluate whale --data other.txt --json", "on another text, for programs"],
    ["atelier evaluate whale --record", "and keep the figures with the model"],
  ],
  options: {
    data: value(z.string(), { summary: "a dataset's name, or the path of a file or folder", placeholder: "SOURCE" }),
    record: flag("write the figures into the model's evidence.json and card"),
    ...deviceOptions,
  },
  positionals: { model: required("name of a model, or the path of its folder") },
  async run({ options, positionals, home, out, progress, signal }) {
    const { openModel } = await import("../../model/load.js");
    const { evaluateLoaded } = await import("../../evaluation/evaluate.js");
    const { recordEvidence } = await import("../../model/record-evidence.js");
    if (options.record && options.data !== undefined) {
      throw new UsageError("--record is for the model's own held-out text: with --data the figures are of another", {
        hint: "leave one of them out",
      });
    }
    const loaded = await openModel(home, positionals.model);
    let task: ProgressTask | undefined;
    let stage = "";
    const { evidence, samples, score, baseline, data, goal } = await evaluateLoaded(loaded, {
      home,
      data: options.data,
      device: options.device,
      threads: options.threads,
      signal,
      onWarning: (message) => out.warn(message),
      onProgress: (now, done, total) => {
        if (now !== stage) task = progress.start({ label: now, total, unit: "" });
        stage = now;
        task?.update(done);
      },
    });
    progress.stop();
    const { name } = loaded.record;
    out.text(wrapText(`${formatCount(score.tokens)} tokens of ${data}: ${evidence.protocol}`, out.columns));
    for (const line of formatMeasures(evidence.measures, name, out.columns)) out.text(line);
    if (goal !== undefined) out.text(goal.text);
    if (options.record) {
      await recordEvidence(loaded, evidence);
      out.text(`recorded in ${loaded.directory}`);
    }
    return { model: name, data, score, baseline, samples, goal: goal?.met ?? null, evidence };
  },
});
