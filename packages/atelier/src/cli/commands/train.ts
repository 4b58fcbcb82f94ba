/** `atelier train`: from a recipe, a dataset's name, or files of one's own, to a model. */
import { parse } from "node:path";
import { knownDatasets } from "@atelier/data";
import { z } from "zod";
import { baselineName, verdict } from "../../evaluation/baseline.js";
import { override, put, readRecipe, resolveRecipe } from "../../recipe/resolve.js";
import type { TrainEvent, TrainResult } from "../../training/train.js";
import { type Context, defineCommand } from "../command.js";
import { InterruptedError, UsageError } from "../errors.js";
import { formatCount, formatDuration, wrapText } from "../format.js";
import { decimal, integer, type OptionSpecs, optional, type PositionalSpecs, value, values } from "../options.js";
import type { ProgressTask } from "../progress.js";
import { deviceOptions } from "./device-options.js";

export const train = defineCommand({
  name: "train",
  summary: "train a model from a recipe, a known dataset, or texts of your own",
  details:
    "SOURCE is a recipe (.json), the name of a dataset (see `atelier data`), or the path of a text file or folder. What a recipe leaves out " +
    "has a default; --set overrides any setting. Ctrl-C stops at the next step and saves; --resume goes on with the same numbers, bit for bit.",
  examples: [
    ["atelier train moby-dick", "a small character model of the book"],
    ["atelier train ./notes --steps 3000 --set model.width=256", "your own folder, longer and wider"],
    ["atelier train recipes/quickstart.json --name whale", "from a recipe, as the run `whale`"],
    ["atelier train --resume whale", "goes on with a run that was stopped or killed"],
  ],
  options: {
    name: value(z.string(), { summary: "name of the run and its model", placeholder: "NAME", short: "n" }),
    resume: value(z.string(), { summary: "go on with this run", placeholder: "RUN" }),
    steps: value(integer({ min: 1 }), { summary: "updates of the parameters", placeholder: "N" }),
    minutes: value(decimal({ min: 0.05 }), {
      summary: "make as many steps as fit into this time here (measured first)",
      placeholder: "M",
    }),
    seed: value(integer({ min: 0 }), { summary: "the seed of everything random", placeholder: "N" }),
    set: values(z.string().regex(/^[^=\s]+=/, "expected KEY=VALUE, for example training.steps=500"), {
      summary: "override one setting of the recipe",
      placeholder: "KEY=VALUE",
    }),
    ...deviceOptions,
  },
  positionals: { source: optional("recipe, dataset or path") },
  async run(context) {
    const { options, positionals, home, signal, out } = context;
    const { resume, train: start } = await import("../../training/train.js");
    const shared = { home, signal, device: options.device, threads: options.threads, onEvent: reporter(context) };
    let result: TrainResult;
    if (options.resume !== undefined) {
      if (
        positionals.source !== undefined ||
        options.set.length > 0 ||
        options.steps !== undefined ||
        options.minutes !== undefined ||
        options.seed !== undefined
      ) {
        throw new UsageError("--resume goes on with a run as it was begun: it takes no source and no settings", {
          hint: `atelier train --resume ${options.resume}`,
        });
      }
      result = await resume(options.resume, shared);
    } else {
      if (positionals.source === undefined) {
        throw new UsageError("train needs a source: a recipe, a dataset's name, or a path", {
          hint: `For example: atelier train ${knownDatasets[0]?.name ?? "text.txt"}`,
        });
      }
      if (options.minutes !== undefined && options.steps !== undefined) {
        throw new UsageError("--minutes chooses the number of steps, which --steps gives: use one of them");
      }
      const recipe = await recipeFrom(positionals.source, options);
      result = await start(recipe, { ...shared, name: options.name, minutes: options.minutes });
    }
    if (result.status === "stopped") {
      throw new InterruptedError(
        `stopped and saved at step ${formatCount(result.step)} of ${formatCount(result.steps)}`,
        {
          hint: `go on with: atelier train --resume ${result.run}`,
        },
      );
    }
    printResult(result, out);
    const { score, baseline, samples, ...rest } = result;
    return { ...rest, score: score ?? null, baseline, samples };
  },
});

async function recipeFrom(
  source: string,
  options: { readonly steps: number | undefined; readonly seed: number | undefined; readonly set: readonly string[] },
): Promise<unknown> {
  let recipe = parse(source).ext === ".json" ? await readRecipe(source) : { data: source };
  if (options.steps !== undefined) recipe = put(recipe, ["training", "steps"], options.steps);
  if (options.seed !== undefined) recipe = put(recipe, ["seed"], options.seed);
  for (const assignment of options.set) recipe = override(recipe, assignment);
  return resolveRecipe(recipe);
}

/** Shows what happens: lines for what is settled, a bar for what goes on. */
function reporter({ out, progress }: Context<OptionSpecs, PositionalSpecs>): (event: TrainEvent) => void {
  let task: ProgressTask | undefined;
  let total = 0;
  let judging = false;
  const { style } = out;
  return (event) => {
    switch (event.kind) {
      case "data": {
        const { stage, unit, done, total: all } = event.progress;
        if (stage === "download") {
          task ??= progress.start({ label: "download", total: all ?? 0, unit });
          task.update(done);
        }
        break;
      }
      case "corpus": {
        task?.stop();
        task = undefined;
        const { corpus, configuration: c, parameters } = event;
        const { card } = corpus.dataset;
        const documents = `${formatCount(card.documents)} document${card.documents === 1 ? "" : "s"}`;
        out.text(`${style.dim("data ")}  ${card.title}`);
        out.text(`       ${formatCount(card.characters)} characters in ${documents}`);
        out.text(
          `${style.dim("codec")}  ${corpus.codec.name}, vocabulary ${formatCount(corpus.codec.spec.vocabulary)}: ` +
            `${formatCount(corpus.train.length)} tokens to train on, ${formatCount(corpus.validation.length)} held out`,
        );
        out.text(
          `${style.dim("model")}  gpt, ${formatCount(parameters)} parameters: ${c.layers} layers, ${c.heads} heads, ${c.width} wide, context ${c.context}`,
        );
        break;
      }
      case "run":
        total = event.total;
        out.text(
          event.from === 0
            ? `${style.dim("run  ")}  ${style.bold(event.name)} in ${event.directory}`
            : `${style.dim("run  ")}  ${style.bold(event.name)} goes on from step ${formatCount(event.from)}`,
        );
        break;
      case "baseline":
        out.text(
          `${style.dim("base ")}  ${baselineName(event)}: loss ${event.score.loss.toFixed(4)}, ` +
            `${event.score.bitsPerByte.toFixed(3)} bits per byte (fitted in ${event.seconds.toFixed(1)} s)`,
        );
        break;
      case "steps": {
        task ??= progress.start({ label: "training", total, unit: "steps", from: event.step });
        const rate =
          event.tokensPerSecond > 0 ? ` · ${formatCount(Math.round(event.tokensPerSecond / 100) * 100)} tokens/s` : "";
        task.update(event.step, `loss ${event.loss.toFixed(4)}${rate}`);
        break;
      }
      case "evaluation":
        out.text(
          `${style.dim("step ")}  ${formatCount(event.step).padStart(6)}  validation loss ${event.loss.toFixed(4)}`,
        );
        break;
      case "final":
        if (!judging) {
          judging = true;
          task = progress.start({ label: "evaluating", total: event.total, unit: "tokens" });
        }
        task?.update(event.done);
        if (event.done >= event.total) task?.stop();
        break;
      case "warning":
        out.warn(event.message);
        break;
      case "checkpoint":
        break;
    }
  };
}

function printResult(result: TrainResult, out: Context<OptionSpecs, PositionalSpecs>["out"]): void {
  const { style } = out;
  const { score, baseline, baselineName } = result;
  if (score === undefined) return;
  out.text();
  for (const { prompt, model, baseline: rival } of result.samples) {
    out.text(style.dim(`─── ${JSON.stringify(prompt)} …`));
    out.text(`${style.green("model")}    ${indent(model, out.columns)}`);
    out.text(`${style.yellow("baseline")} ${indent(rival, out.columns)}`);
    out.text();
  }
  out.text(style.bold(wrapText(verdict(score, baseline, baselineName), out.columns)));
  out.text();
  out.text(`                 ${"this model".padStart(12)}  ${baselineName.padStart(18)}`);
  const row = (name: string, of: (s: typeof baseline) => string): void =>
    out.text(`${name.padEnd(16)} ${of(score).padStart(12)}  ${of(baseline).padStart(18)}`);
  row("loss (nats)", (s) => s.loss.toFixed(4));
  row("perplexity", (s) => s.perplexity.toFixed(3));
  row("bits per byte", (s) => s.bitsPerByte.toFixed(4));
  out.text();
  out.text(`trained ${formatCount(result.step)} steps in ${formatDuration(result.seconds)}`);
  out.text(`model   ${result.model}`);
  out.text(`report  ${result.report}`);
  out.text(`next    atelier generate ${result.run}${promptFrom(result.samples[0]?.prompt)}`);
}

/** A prompt that the model can read, and any shell: the first plain words of one that it has read. */
function promptFrom(text = ""): string {
  const words = /[\p{L}\p{N}]+(?: [\p{L}\p{N}]+){0,2}/u.exec(text)?.[0];
  return words === undefined ? "" : ` --prompt "${words}"`;
}

/** Beside a label of 9 columns, and so wrapped as if that stood before it. */
const indent = (text: string, columns: number): string =>
  wrapText(`${" ".repeat(8)}|${text.trimEnd()}`, columns, " ".repeat(9)).slice(9);
