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
    summary: "train a model on your own texts or pictures, a known dataset, or by a recipe",
    load: async () => (await import("./train.js")).train,
  },
  {
    name: "sweep",
    summary: "vary settings of a recipe over many trainings, and find the best",
    load: async () => (await import("./sweep.js")).sweep,
  },
  {
    name: "generate",
    summary: "generate text or pictures with a trained model",
    load: async () => (await import("./generate.js")).generate,
  },
  {
    name: "edit",
    summary: "change pictures: redraw, inpaint, outpaint, restyle, enlarge, mix, interpolate",
    load: async () => (await import("./edit.js")).edit,
  },
  {
    name: "fill",
    summary: "fill the gaps of a text, or the place of a cursor in code",
    load: async () => (await import("./fill.js")).fill,
  },
  {
    name: "embed",
    summary: "turn texts into vectors with a masked model, or find the nearest to one",
    load: async () => (await import("./embed.js")).embed,
  },
  {
    name: "score",
    summary: "say how probable texts are to a model",
    load: async () => (await import("./score.js")).score,
  },
  {
    name: "reconstruct",
    summary: "show pictures beside what a model gives back of them",
    load: async () => (await import("./reconstruct.js")).reconstruct,
  },
  {
    name: "interpolate",
    summary: "show the pictures between two, of files or seeds",
    load: async () => (await import("./interpolate.js")).interpolate,
  },
  {
    name: "walk",
    summary: "walk through latent space, along an axis or from one class to another",
    load: async () => (await import("./walk.js")).walk,
  },
  {
    name: "latent-map",
    summary: "draw a map of a model's latent space",
    load: async () => (await import("./latent-map.js")).latentMap,
  },
  {
    name: "anomalies",
    summary: "rank pictures by how odd they are to a model, and show where",
    load: async () => (await import("./anomalies.js")).anomalies,
  },
  {
    name: "reproduce",
    summary: "make a saved output again, and say whether it is the same",
    load: async () => (await import("./reproduce.js")).reproduce,
  },
  {
    name: "evaluate",
    summary: "measure a model on held-out texts or pictures, beside a baseline",
    load: async () => (await import("./evaluate.js")).evaluate,
  },
  {
    name: "runs",
    summary: "list, show, compare and remove training runs",
    load: async () => (await import("./runs.js")).runs,
  },
  {
    name: "sweeps",
    summary: "list, show and remove sweeps",
    load: async () => (await import("./sweeps.js")).sweeps,
  },
  {
    name: "models",
    summary: "list, show, compare, import and remove models",
    load: async () => (await import("./models.js")).models,
  },
  {
    name: "export",
    summary: "write a model as ONNX, safetensors, a Hugging Face folder, or a smaller copy",
    load: async () => (await import("./export.js")).exportCommand,
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
  {
    name: "completion",
    summary: "print a script with which a shell completes atelier's commands",
    load: async () => (await import("./completion.js")).completion,
  },
];
