/** `atelier sweeps`: the sweeps at hand, what came of them, and clearing them away with their runs. */
import { basename } from "node:path";
import { findSweep, listSweeps, readSweep, type SweepRecord, summarise } from "../../sweep/record.js";
import { settingText } from "../../sweep/table.js";
import { type CommandGroup, defineCommand } from "../command.js";
import { formatTable, formatTime } from "../format.js";
import { flag, required } from "../options.js";
import { printPlaces, printTrials } from "./sweep.js";

const progressText = (record: SweepRecord): string => {
  const trials = summarise(record);
  return `${trials.filter(({ status }) => status !== "waiting").length}/${trials.length}`;
};

const bestText = (record: SweepRecord): string => {
  const [best] = summarise(record);
  if (best?.score === undefined) return "";
  const settings = Object.entries(best.settings).map(
    ([name, value]) => `${name.split(".").at(-1)} ${settingText(value)}`,
  );
  return `${record.metric} ${Number(best.score.toPrecision(4))}: ${settings.join(", ")}`;
};

const list = defineCommand({
  name: "sweeps list",
  summary: "list all sweeps, oldest first",
  examples: [["atelier sweeps", "all sweeps, with the best trial of each"]],
  options: {},
  positionals: {},
  async run({ home, out }) {
    const sweeps = await listSweeps(home);
    if (sweeps.length === 0) out.text(`no sweeps yet in ${home}`);
    else {
      const rows = sweeps.map(({ name, sweep }) =>
        sweep instanceof Error
          ? [name, "unreadable", "", "", ""]
          : [name, sweep.state, progressText(sweep.record), bestText(sweep.record), formatTime(sweep.record.created)],
      );
      const [headings, ...lines] = formatTable(["SWEEP", "STATE", "TRIALS", "BEST", "STARTED"], rows, ["TRIALS"]);
      out.text(out.style.dim(headings!));
      for (const line of lines) out.text(line);
      for (const { sweep } of sweeps) if (sweep instanceof Error) out.warn(sweep.message);
    }
    return sweeps.map(({ name, sweep }) => {
      if (sweep instanceof Error) return { name, state: "unreadable", error: sweep.message };
      const { record, directory, state } = sweep;
      const [best] = summarise(record);
      return {
        name,
        state,
        directory,
        created: record.created,
        over: record.over,
        best: best?.score === undefined ? null : best,
      };
    });
  },
});

const show = defineCommand({
  name: "sweeps show",
  summary: "show a sweep: its trials, best first",
  examples: [["atelier sweeps show rates", "the table of that sweep"]],
  options: {},
  positionals: { name: required("name of a sweep, or the path of its folder") },
  async run({ home, positionals, out }) {
    const { resultOf } = await import("../../sweep/result.js");
    const { record, directory, state } = await readSweep(home, positionals.name);
    const result = await resultOf(home, directory, record);
    out.text(`${out.style.bold(record.name)}: ${state}, ${record.method}, ${record.over.join(", ")}`);
    printTrials(result, out);
    if (state === "finished" || state === "stopped") printPlaces(result, out);
    if (state === "interrupted" || state === "stopped")
      out.text(`\nit goes on with: atelier sweep --resume ${record.name}`);
    return {
      ...result,
      best: result.best ?? null,
      state,
      over: record.over,
      method: record.method,
      recipe: record.recipe,
    };
  },
});

const remove = defineCommand({
  name: "sweeps remove",
  summary: "remove a sweep and the runs of its trials (the model of the best one stays)",
  examples: [["atelier sweeps remove rates --yes", "removes it without asking"]],
  options: { yes: flag("do not ask", { short: "y" }) },
  positionals: { name: required("name of a sweep, or the path of its folder") },
  async run({ home, positionals, options, out, confirm }) {
    const { removeSweep } = await import("../../sweep/sweep.js");
    const directory = await findSweep(home, positionals.name);
    if (!options.yes && !(await confirm(`remove the sweep ${basename(directory)} with the runs of all its trials?`))) {
      out.text("nothing was removed");
      return { removed: null };
    }
    await removeSweep(home, directory);
    out.text(`removed ${directory}`);
    return { removed: directory };
  },
});

export const sweeps: CommandGroup = {
  name: "sweeps",
  summary: "list, show and remove sweeps",
  commands: { list, show, remove },
  fallback: "list",
};
