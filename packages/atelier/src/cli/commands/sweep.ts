/** `atelier sweep`: the same training with some settings varied, and which were best. */
import { parse } from "node:path";
import { z } from "zod";
import { override, put, readRecipe } from "../../recipe/resolve.js";
import { SweepError } from "../../sweep/errors.js";
import { METHODS } from "../../sweep/plan.js";
import type { SweepEvent, SweepResult } from "../../sweep/sweep.js";
import { settingText, sweepTable, sweepVerdict } from "../../sweep/table.js";
import { type Context, defineCommand } from "../command.js";
import { InterruptedError, UsageError } from "../errors.js";
import { formatCount, formatTable, wrapText } from "../format.js";
import { decimal, integer, type OptionSpecs, optional, type PositionalSpecs, value, values } from "../options.js";
import type { Output } from "../output.js";
import type { ProgressTask } from "../progress.js";
import { deviceOptions } from "./device-options.js";

const overPattern = z.string().regex(/^[^=\s]+=/, "expected SETTING=VALUES, for example model.width=64,128,256");

export const sweep = defineCommand({
  name: "sweep",
  summary: "vary settings of a recipe over many trainings, and find the best",
  details:
    "SOURCE is what `atelier train` takes. Each --over names a setting and its values: a list (a,b,c), a range (0..0.2), or a range that is " +
    "even in the logarithm (0.001..0.03:log). `random` trains every trial to the end. `halving` trains all for few steps, the best third " +
    "of them anew for three times as many, and so on. A trial is an ordinary run, named after the sweep. Ctrl-C stops at the next step; --resume " +
    "goes on with exactly the same trials.",
  examples: [
    ["atelier sweep moby-dick --over model.width=64,128,256 --trials 3", "one training of each width"],
    [
      "atelier sweep recipes/quickstart.json --over training.optimiser.learningRate=0.001..0.03:log --method halving --trials 27 --name rates",
      "27 learning rates, few of them trained to the end",
    ],
    ["atelier sweep --resume rates", "goes on with a sweep that was stopped or killed"],
  ],
  options: {
    over: values(overPattern, { summary: "a setting to vary, and its values", placeholder: "SETTING=VALUES" }),
    trials: value(integer({ min: 2, max: 1000 }), {
      summary: "how many trials begin (default 12)",
      placeholder: "N",
    }),
    method: value(z.enum(METHODS), { summary: "random (the default) or halving", placeholder: "METHOD" }),
    eta: value(integer({ min: 2, max: 100 }), {
      summary: "with halving, one trial of this many goes on (default 3)",
      placeholder: "N",
    }),
    minutes: value(decimal({ min: 0.05 }), {
      summary: "stop after this time; --resume goes on",
      placeholder: "M",
    }),
    name: value(z.string(), { summary: "name of the sweep", placeholder: "NAME", short: "n" }),
    resume: value(z.string(), { summary: "go on with this sweep", placeholder: "SWEEP" }),
    seed: value(integer({ min: 0 }), { summary: "the seed of the draws (default the recipe's)", placeholder: "N" }),
    steps: value(integer({ min: 1 }), { summary: "updates in a full training", placeholder: "N" }),
    set: values(z.string().regex(/^[^=\s]+=/, "expected KEY=VALUE, for example training.batch=8"), {
      summary: "override one setting of the recipe, for all trials",
      placeholder: "KEY=VALUE",
    }),
    ...deviceOptions,
  },
  positionals: { source: optional("recipe, dataset or path") },
  async run(context) {
    const { options, positionals, home, signal, out } = context;
    const { resumeSweep, sweep: begin } = await import("../../sweep/sweep.js");
    const shared = { home, signal, minutes: options.minutes, onEvent: reporter(context) };
    let result: SweepResult;
    if (options.resume !== undefined) {
      const { resume: _, minutes: __, over, set, ...others } = options;
      const given = [positionals.source, over[0], set[0], ...Object.values(others)];
      if (given.some((each) => each !== undefined)) {
        throw new UsageError("--resume goes on with a sweep as it was begun: it takes no source and no settings", {
          hint: `atelier sweep --resume ${options.resume}`,
        });
      }
      result = await resumeSweep(options.resume, shared);
    } else {
      if (positionals.source === undefined || options.over.length === 0) {
        throw new UsageError(
          positionals.source === undefined
            ? "sweep needs a source: a recipe, a dataset, or a path"
            : "nothing is varied",
          { hint: "for example: atelier sweep moby-dick --over model.width=64,128,256" },
        );
      }
      let recipe =
        parse(positionals.source).ext === ".json" ? await readRecipe(positionals.source) : { data: positionals.source };
      if (options.steps !== undefined) recipe = put(recipe, ["training", "steps"], options.steps);
      for (const assignment of options.set) recipe = override(recipe, assignment);
      const { over, trials, method, eta, seed, name, device, threads } = options;
      result = await begin(recipe, { ...shared, over, trials, method, eta, seed, name, device, threads });
    }
    context.progress.stop();
    printTrials(result, out);
    printPlaces(result, out);
    if (result.status === "stopped" && signal.aborted) {
      throw new InterruptedError(`stopped and saved the sweep ${result.name}`, {
        hint: `go on with: atelier sweep --resume ${result.name}`,
      });
    }
    if (result.status === "stopped") out.note(`the time is up; go on with: atelier sweep --resume ${result.name}`);
    const { best, ...rest } = result;
    if (best === undefined && result.status === "finished") {
      throw new SweepError(
        `no trial of ${result.name} came to a figure: ${result.trials[0]?.failure ?? "all failed"}`,
        {
          hint: `vary something else; what is left of it goes with: atelier sweeps remove ${result.name}`,
        },
      );
    }
    return { ...rest, best: best ?? null };
  },
});

/** A bar over the whole sweep, and a line for each trial that ends. */
function reporter({ out, progress }: Context<OptionSpecs, PositionalSpecs>): (event: SweepEvent) => void {
  let task: ProgressTask | undefined;
  let trials = 0;
  let note = "";
  let best = Number.POSITIVE_INFINITY;
  let rung = 0;
  const { style } = out;
  return (event) => {
    switch (event.kind) {
      case "sweep": {
        const { record, plan, directory } = event;
        trials = plan.trials.length;
        const rungs = plan.rungs.map((rung) => `${rung.trials} × ${Number((100 * rung.share).toPrecision(3))} %`);
        const missing = record.trials - trials;
        out.text(`${style.dim("sweep")}  ${style.bold(record.name)} in ${directory}`);
        out.text(`${style.dim("over ")}  ${record.over.join("\n       ")}`);
        out.text(
          record.method === "random"
            ? `${style.dim("plan ")}  ${formatCount(trials)} trials, drawn with seed ${record.seed}`
            : `${style.dim("plan ")}  ${rungs.join(", ")} of the steps, drawn with seed ${record.seed}`,
        );
        if (missing > 0) out.note(`there are only ${formatCount(trials)} different combinations`);
        break;
      }
      case "trial":
        note = `trial ${event.trial.number}/${trials}${event.rung === 0 ? "" : `, rung ${event.rung + 1}`}`;
        break;
      case "train":
        if (event.event.kind === "warning") out.warn(`trial ${event.trial.number}: ${event.event.message}`);
        break;
      case "progress": {
        task ??= progress.start({ label: "sweep", total: event.total, unit: "steps", from: event.done });
        task.update(event.done, best < Number.POSITIVE_INFINITY ? `${note} · best ${best.toFixed(4)}` : note);
        break;
      }
      case "result": {
        const { trial, result, score } = event;
        const settings = Object.entries(trial.settings).map(
          ([name, each]) => `${name.split(".").at(-1)} ${settingText(each)}`,
        );
        const label = style.dim(`trial ${String(trial.number).padStart(2)}`);
        const steps = `${formatCount(result.steps)} steps`.padStart(12);
        if (score === undefined)
          out.text(`${label}  ${style.red("failed")}  ${settings.join(", ")}: ${result.failure}`);
        else {
          out.text(`${label}  ${score.toFixed(4)}  ${steps}  ${settings.join(", ")}`);
          // Scores after different numbers of steps do not compare: each rung has its own best.
          best = result.rung > rung ? score : Math.min(best, score);
          rung = result.rung;
        }
        break;
      }
    }
  };
}

/** Table and verdict. */
export function printTrials({ trials, best, metric }: SweepResult, out: Output): void {
  const { style } = out;
  const { headings, rows, right } = sweepTable(metric, trials);
  const [head, ...lines] = formatTable(headings, rows, right);
  out.text();
  out.text(style.dim(head!));
  for (const [i, line] of lines.entries()) out.text(i === 0 && best !== undefined ? style.bold(line) : line);
  for (const { trial, failure } of trials)
    if (failure !== undefined) out.text(wrapText(style.dim(`trial ${trial}: ${failure}`), out.columns));
  out.text();
  out.text(wrapText(sweepVerdict(metric, trials), out.columns));
}

/** Where things are, once a sitting has ended. */
export function printPlaces({ best, report }: SweepResult, out: Output): void {
  out.text();
  out.text(`report  ${report}`);
  if (best === undefined) return;
  out.text(`recipe  ${best.recipe}`);
  if (best.model !== undefined) out.text(`model   ${best.model}`);
  out.text(`next    ${best.command}`);
}
