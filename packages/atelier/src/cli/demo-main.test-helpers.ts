/** The program with demonstration commands of the tests' own, to be run as a real process; the same `main`, other commands. */
import { setTimeout as sleep } from "node:timers/promises";
import { defineCommand } from "./command.js";
import { type CommandEntry, commandEntries } from "./commands/index.js";
import { flag, integer, value } from "./options.js";
import { runProcess } from "./process.js";

const count = defineCommand({
  name: "count",
  summary: "count slowly, and stop in good order when asked",
  examples: [["atelier count --to 3", "counts to three"]],
  options: {
    to: value(integer({ min: 0 }), { summary: "where to end", placeholder: "N", default: 10 }),
    stubborn: flag("do not listen to Ctrl-C"),
  },
  positionals: {},
  async run({ options, out, progress, signal }) {
    const task = progress.start({ label: "counting", total: options.to, unit: "numbers" });
    let i = 0;
    for (; i < options.to && (options.stubborn || !signal.aborted); i++) {
      out.text(`${i}`);
      task.update(i + 1);
      await sleep(10);
    }
    if (signal.aborted) out.note(`saved at ${i}`);
    return { counted: i };
  },
});

const demo: CommandEntry = { name: "count", summary: count.summary, load: async () => count };
await runProcess([...commandEntries, demo]);
