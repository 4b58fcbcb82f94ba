/**
 * All commands, in the order of the help. Each is loaded only when it is used, so that `--help` answers at once; its one-line summary
 * therefore stands here too (a test compares them).
 */
import type { Command, CommandGroup } from "../command.js";

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command | CommandGroup>;
}

export const commandEntries: readonly CommandEntry[] = [
  {
    name: "train",
    summary: "train a model from a recipe, a known dataset, or texts of your own",
    load: async () => (await import("./train.js")).train,
  },
  {
    name: "generate",
    summary: "generate text with a trained model",
    load: async () => (await import("./generate.js")).generate,
  },
  {
    name: "evaluate",
    summary: "measure a model on held-out text, beside the n-gram baseline",
    load: async () => (await import("./evaluate.js")).evaluate,
  },
  {
    name: "runs",
    summary: "list, show and remove training runs",
    load: async () => (await import("./runs.js")).runs,
  },
  {
    name: "models",
    summary: "list, show and remove trained models",
    load: async () => (await import("./models.js")).models,
  },
  {
    name: "data",
    summary: "list known datasets, and show what is in one or in files of your own",
    load: async () => (await import("./data.js")).data,
  },
  {
    name: "doctor",
    summary: "show devices, threads, memory and measured speed",
    load: async () => (await import("./doctor.js")).doctor,
  },
];
