/** `atelier evaluate`: everything that is measured of a model, beside the n-gram baseline on the same tokens. */
import { join } from "node:path";
import { z } from "zod";
import { makeFolder, writeAtomic } from "../../storage/atomic.js";
import { defineCommand } from "../command.js";
import { UsageError } from "../errors.js";
import { formatCount, wrapText } from "../format.js";
import { formatEvidence } from "../measures.js";
import { flag, flagName, integer, required, value } from "../options.js";
import type { ProgressTask } from "../progress.js";
import { deviceOptions } from "./device-options.js";
import { pictureOptions } from "./generate-options.js";
import { promptsIn } from "./prompt-option.js";

const { sampler, steps, guidance } = pictureOptions;
/** How a diffusion model draws what is judged. */
const samplingOptions = {
  sampler: { ...sampler, summary: "pictures: how a diffusion model takes noise away (default: as the recipe says)" },
  steps: { ...steps, summary: "pictures: at how many levels of noise it does so" },
  guidance: { ...guidance, summary: "pictures: how far it goes towards class or prompt; 1 is that alone" },
};
type Sampling = keyof typeof samplingOptions;
const SAMPLING = Object.keys(samplingOptions) as Sampling[];

export const evaluate = defineCommand({
  name: "evaluate",
  summary: "measure a model on held-out texts or pictures, beside a baseline",
  details:
    "Without --data, the validation split of the model's own data is judged. With it, the whole of another text or picture set is; the " +
    "baseline is then still fitted on the model's training data. Pictures that a model draws are compared with real ones by the features of " +
    "an extractor, which every figure names; distances are comparable under the same extractor and number of pictures alone.",
  examples: [
    ["atelier evaluate whale", "how well it predicts, what its samples are like, what it copies"],
    ["atelier evaluate whale --data other.txt --json", "on another text, for programs"],
    ["atelier evaluate whale --record", "and keep the figures with the model"],
    [
      "atelier evaluate clothes --extractor fashion-mnist-classifier --samples 5000 --sheets out",
      "pictures, by a classifier",
    ],
    ["atelier evaluate clothes --guidance 1.5 --steps 40", "pictures, drawn otherwise than the recipe says"],
    ["atelier evaluate emoji --prompt-file prompts.txt --sheets out", "and what it makes of prompts of your own"],
  ],
  options: {
    data: value(z.string(), { summary: "a dataset's name, or the path of a file or folder", placeholder: "SOURCE" }),
    extractor: value(z.string().min(1), {
      summary: "pictures: what they are compared by: a classifier, an .onnx file, or pixels",
      placeholder: "MODEL",
    }),
    samples: value(integer({ min: 64, max: 50_000 }), {
      summary: "pictures: how many are drawn (default: as the recipe says)",
      placeholder: "N",
    }),
    ...samplingOptions,
    promptFile: value(z.string(), {
      summary: "pictures: draw these prompts too, one a line, and show them over the training pictures nearest to them",
      placeholder: "FILE",
    }),
    sheets: value(z.string().min(1), {
      summary: "pictures: write samples, their nearest training pictures and reconstructions there",
      placeholder: "FOLDER",
    }),
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
    const otherwise = SAMPLING.find((name) => options[name] !== undefined);
    if (options.record && otherwise !== undefined) {
      throw new UsageError(
        `--record is for pictures drawn as the model's recipe says: with --${otherwise} the figures are of others`,
        { hint: "leave one of them out, or train with --set evaluation.guidance=… and the like" },
      );
    }
    const loaded = await openModel(home, positionals.model);
    if (loaded.medium === "text") {
      for (const name of ["extractor", "samples", ...SAMPLING, "promptFile", "sheets"] as const) {
        if (options[name] === undefined) continue;
        throw new UsageError(
          `--${flagName(name)} is for models of pictures, and ${loaded.record.name} is one of texts`,
        );
      }
    }
    let task: ProgressTask | undefined;
    let stage = "";
    const { evidence, samples, pictures, warnings, score, baseline, data, goal } = await evaluateLoaded(loaded, {
      home,
      data: options.data,
      extractor: options.extractor,
      samples: options.samples,
      sampling: Object.fromEntries(SAMPLING.map((name) => [name, options[name]])),
      prompts: options.promptFile === undefined ? undefined : await promptsIn(options.promptFile),
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
    out.text(
      wrapText(
        `${score.tokens === undefined ? "" : `${formatCount(score.tokens)} tokens of `}${data}: ${evidence.protocol}`,
        out.columns,
      ),
    );
    for (const line of formatEvidence(evidence, name, out.columns)) out.text(line);
    for (const warning of warnings) out.warn(warning);
    if (goal !== undefined) out.text(goal.text);
    if (options.sheets !== undefined) {
      await makeFolder(options.sheets);
      for (const { file, title, bytes } of pictures) {
        await writeAtomic(join(options.sheets, file), [bytes]);
        out.text(`${join(options.sheets, file)}: ${title}`);
      }
    }
    if (options.record) {
      await recordEvidence(loaded, evidence, pictures);
      out.text(`recorded in ${loaded.directory}`);
    }
    return { model: name, data, score, baseline, samples, goal: goal?.met ?? null, evidence };
  },
});
