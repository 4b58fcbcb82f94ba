/** `atelier runs`: what was trained, how it stands, how several compare, and clearing it away. */
import { basename } from "node:path";
import { exists } from "../../storage/atomic.js";
import { CheckpointFolder } from "../../storage/checkpoint-folder.js";
import { warningsOf } from "../../storage/metrics-log.js";
import {
  findRun,
  listRuns,
  type RunSummary,
  readRun,
  readRunMetrics,
  removeRun,
  runPaths,
} from "../../storage/run-directory.js";
import { type CommandGroup, defineCommand } from "../command.js";
import { formatCount, formatFields, formatTable, formatTime } from "../format.js";
import { flag, required } from "../options.js";
import { compare } from "./runs-compare.js";

const steps = ({ record }: RunSummary): string =>
  record.totalSteps === undefined
    ? formatCount(record.step)
    : `${formatCount(record.step)}/${formatCount(record.totalSteps)}`;

const list = defineCommand({
  name: "runs list",
  summary: "list all runs, oldest first",
  examples: [["atelier runs", "all runs, with how far they came"]],
  options: {},
  positionals: {},
  async run({ home, out }) {
    const runs = await listRuns(home);
    if (runs.length === 0) out.text(`no runs yet in ${home}`);
    else {
      const rows = runs.map(({ name, run }) =>
        run instanceof Error
          ? [name, "unreadable", "", "", ""]
          : [name, run.state, steps(run), resultsText(run.record.results), formatTime(run.record.created)],
      );
      const [headings, ...lines] = formatTable(["RUN", "STATE", "STEP", "RESULT", "STARTED"], rows, ["STEP"]);
      out.text(out.style.dim(headings!));
      for (const line of lines) out.text(line);
      for (const { run } of runs) if (run instanceof Error) out.warn(run.message);
    }
    return runs.map(({ name, run }) =>
      run instanceof Error
        ? { name, state: "unreadable", error: run.message }
        : {
            name,
            state: run.state,
            step: run.record.step,
            totalSteps: run.record.totalSteps ?? null,
            results: run.record.results ?? {},
            created: run.record.created,
            directory: run.directory,
            pid: run.pid ?? null,
          },
    );
  },
});

/** The first two key figures: `loss 1.42, perplexity 4.14`. */
const resultsText = (results: Readonly<Record<string, number>> = {}, most = 2): string =>
  Object.entries(results)
    .slice(0, most)
    .map(([name, figure]) => `${words(name)} ${Number(figure.toPrecision(4))}`)
    .join(", ");

/** `bitsPerByte` as `bits per byte`. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const show = defineCommand({
  name: "runs show",
  summary: "show a run: what was trained on what, how it stands, and its files",
  examples: [["atelier runs show moby-dick-gpt-01", "everything about that run"]],
  options: {},
  positionals: { name: required("name of a run, or the path of its folder") },
  async run({ home, positionals, out }) {
    const run = await readRun(home, positionals.name);
    const { record, directory } = run;
    const metrics = await readRunMetrics(directory);
    const folder = new CheckpointFolder(runPaths(directory).checkpoints);
    const checkpoints = await folder.steps();
    const best = await folder.best();
    const report = (await exists(runPaths(directory).report)) ? runPaths(directory).report : undefined;
    const lines = formatFields(
      [
        ["run", out.style.bold(record.name)],
        ["state", run.pid === undefined ? run.state : `${run.state} (process ${run.pid})`],
        ["failure", record.failure],
        ...warningsOf(metrics).map(({ step, message }): [string, string] => [
          "warning",
          `step ${formatCount(step)}: ${message}`,
        ]),
        ["step", steps(run)],
        ["result", resultsText(record.results, 10)],
        ["family", text(record.recipe.family)],
        ["data", text(record.data.title) ?? text(record.data.name)],
        ["seed", String(record.seed)],
        ["started", formatTime(record.created)],
        ["checkpoints", checkpoints.map(formatCount).join(", ")],
        ["best", best === undefined ? undefined : `step ${formatCount(best.step)} (${best.metric} ${best.value})`],
        ["report", report],
        ["folder", directory],
        ["recipe", JSON.stringify(record.recipe)],
      ],
      out.columns,
    );
    for (const line of lines) out.text(line);
    return {
      ...record,
      state: run.state,
      pid: run.pid ?? null,
      directory,
      checkpoints: checkpoints.map((step) => ({ step, path: folder.pathOf(step) })),
      best: best ?? null,
      report: report ?? null,
      warnings: warningsOf(metrics),
      lastMetrics: metrics.at(-1) ?? null,
    };
  },
});

const remove = defineCommand({
  name: "runs remove",
  summary: "remove a run with its checkpoints and samples (models saved from it stay)",
  examples: [["atelier runs remove moby-dick-gpt-01 --yes", "removes it without asking"]],
  options: { yes: flag("do not ask", { short: "y" }) },
  positionals: { name: required("name of a run, or the path of its folder") },
  async run({ home, positionals, options, out, confirm }) {
    const directory = await findRun(home, positionals.name);
    if (!options.yes && !(await confirm(`remove the run ${basename(directory)} with all its checkpoints?`))) {
      out.text("nothing was removed");
      return { removed: null };
    }
    await removeRun(home, directory);
    out.text(`removed ${directory}`);
    return { removed: directory };
  },
});

export const runs: CommandGroup = {
  name: "runs",
  summary: "list, show, compare and remove training runs",
  commands: { list, show, compare, remove },
  fallback: "list",
};
