/** `atelier train`: from texts of one's own, a dataset's name, or a recipe, to a model. */
import { parse, relative } from "node:path";
import { knownDatasets } from "@atelier/data";
import { z } from "zod";
import { describeProposal } from "../../proposal/describe.js";
import { recipeThere, writeRecipe } from "../../proposal/recipe-file.js";
import { layered, type Settings } from "../../proposal/settings.js";
import { override, put, readRecipe } from "../../recipe/resolve.js";
import { exists } from "../../storage/index.js";
import type { TrainEvent, TrainResult } from "../../training/events.js";
import { type Context, defineCommand } from "../command.js";
import { InterruptedError, UsageError } from "../errors.js";
import { formatCount } from "../format.js";
import { decimal, flag, integer, type OptionValues, type PositionalSpecs, rest, value, values } from "../options.js";
import { deviceOptions } from "./device-options.js";
import { dataReporter, printResult, trainReporter } from "./train-output.js";

/** `bits per byte<=1.4`: a measure, and the worst value that is good enough; which side is good, the measure knows. */
const goal = z.string().transform((text, context) => {
  const [, metric, threshold] = /^\s*(.+?)\s*(?:<=|>=|=)\s*(-?[\d.]+(?:e-?\d+)?)\s*$/i.exec(text) ?? [];
  if (metric !== undefined && Number.isFinite(Number(threshold))) return { metric, threshold: Number(threshold) };
  context.addIssue({ code: "custom", message: 'expected MEASURE=VALUE, for example "bits per byte=1.4"' });
  return z.NEVER;
});

const options = {
  name: value(z.string(), { summary: "name of the run and its model", placeholder: "NAME", short: "n" }),
  yes: flag("train what is proposed, without asking", { short: "y" }),
  resume: value(z.string(), { summary: "go on with this run", placeholder: "RUN" }),
  from: value(z.string(), { summary: "go on from the weights of this model, on new data", placeholder: "MODEL" }),
  family: value(z.enum(["gpt", "bert", "vae", "vq", "gan", "diffusion", "upscaler", "classifier"]), {
    summary: "of texts gpt or bert, of pictures vae, vq, gan, diffusion, upscaler or classifier",
    placeholder: "FAMILY",
  }),
  steps: value(integer({ min: 1 }), { summary: "updates of the parameters", placeholder: "N" }),
  minutes: value(decimal({ min: 0.05 }), {
    summary: "make as many steps as fit into this time here (measured first)",
    placeholder: "M",
  }),
  patience: value(integer({ min: 1 }), { summary: "stop after N evaluations without a new best", placeholder: "N" }),
  goal: value(goal, {
    summary: 'what the model has to reach, for example "bits per byte<=1.4"',
    placeholder: "MEASURE=VALUE",
  }),
  seed: value(integer({ min: 0 }), { summary: "the seed of everything random", placeholder: "N" }),
  set: values(z.string().regex(/^[^=\s]+=/, "expected KEY=VALUE, for example training.steps=500"), {
    summary: "override one setting of the recipe",
    placeholder: "KEY=VALUE",
  }),
  recipeOut: value(z.string().min(1), {
    summary: "where the proposed recipe is written (default <home>/recipes/NAME.json)",
    placeholder: "PATH",
  }),
  ...deviceOptions,
};
const positionals = {
  source: rest("texts or pictures (files, folders, known datasets), or one recipe"),
} satisfies PositionalSpecs;

type TrainContext = Context<typeof options, typeof positionals>;

export const train = defineCommand({
  name: "train",
  summary: "train a model on your own texts or pictures, a known dataset, or by a recipe",
  details:
    "SOURCE is the path of a file or a folder of texts or pictures, the name of a dataset (see `atelier data`), several of these, or one recipe (.json). Without a " +
    "recipe the data is looked at and a recipe proposed, with reasons, time and memory; after one question (--yes: none) it is " +
    "written down and trained. Other options win over what is proposed. Ctrl-C stops at the next step and saves; --resume goes on with the same numbers, bit for bit.",
  examples: [
    ["atelier train ./notes", "looks at your folder, proposes, asks, trains"],
    ["atelier train ./notes --yes --minutes 30 --set model.width=256", "without a question, longer and wider"],
    ["atelier train ./photos --family classifier", "pictures; sub-folders are their classes"],
    ["atelier train recipes/quickstart.json --name whale", "by a recipe, as the run `whale`"],
    ["atelier train ./letters --from whale", "trains a model further, on other texts"],
    ["atelier train --resume whale", "goes on with a run that was stopped or killed"],
  ],
  options,
  positionals,
  async run(context) {
    const { options, home, signal } = context;
    if (options.minutes !== undefined && options.steps !== undefined) {
      throw new UsageError("--minutes chooses the number of steps, which --steps gives: use one of them", {
        hint: "leave one of them out: a proposal without either makes about 10 minutes of steps",
      });
    }
    if (options.resume !== undefined) {
      refuseSettings(context, options.resume);
      const { resume } = await import("../../training/train.js");
      const { device, threads } = options;
      return concluded(
        context,
        await resume(options.resume, { home, signal, device, threads, onEvent: trainReporter(context) }),
      );
    }
    const sources = context.positionals.source;
    const [source] = sources;
    if (source === undefined) {
      throw new UsageError("train needs a source: texts or pictures of yours, a dataset's name, or a recipe", {
        hint: `For example: atelier train ${knownDatasets[0]?.name ?? "text.txt"}`,
      });
    }
    const recipes = sources.filter((each) => parse(each).ext === ".json");
    if (recipes.length === 0) return propose(context, sources);
    if (sources.length > 1) {
      throw new UsageError(`the recipe ${recipes[0]} names its data itself: give it alone`, {
        hint: `for example: atelier train ${recipes[0]}`,
      });
    }
    if (options.recipeOut !== undefined) {
      throw new UsageError("--recipe-out is for a proposed recipe, and this one is there already", {
        hint: "leave it out; the run keeps the recipe with every setting filled in",
      });
    }
    return start(context, layered(await readRecipe(source), settingsGiven(options)), options.minutes);
  },
});

/** Looks at the data, shows what it proposes, asks, and trains. */
async function propose(context: TrainContext, sources: readonly string[]): Promise<unknown> {
  const { options, home, signal, out, progress } = context;
  const { minutes, yes, device, threads, recipeOut } = options;
  if (!yes && (out.json || !context.interactive)) {
    const why = out.json ? "under --json" : "without a terminal";
    throw new UsageError(`train asks before it begins, and nobody can answer ${why}`, {
      hint: "add --yes to train what is proposed, or give a recipe",
    });
  }
  if (recipeOut !== undefined && (await exists(recipeOut))) throw recipeThere(recipeOut);
  const { proposeRecipe } = await import("../../proposal/propose-recipe.js");
  const data = sources.length === 1 ? sources[0]! : sources;
  const given = settingsGiven(options);
  const onProgress = dataReporter(progress);
  const proposal = await proposeRecipe(data, { home, minutes, given, device, threads, signal, onProgress });
  progress.stop();
  for (const line of describeProposal(proposal, out.style, out.columns)) out.text(line);
  if (!yes) {
    out.text();
    if (!(await context.confirm("Train this?", { default: true }))) throw new InterruptedError("nothing was trained");
  }
  out.text();
  let path: string | undefined;
  const write = (event: TrainEvent): void => {
    if (event.kind !== "run") return;
    // The steps that fit into the time are known only now.
    const { steps, evaluateEvery, checkpointEvery } = event.recipe.training;
    const training = proposal.minutes === undefined ? {} : { steps, evaluateEvery, checkpointEvery };
    const where = recipeOut === undefined ? { home, name: options.name ?? proposal.dataset.name } : { path: recipeOut };
    path = writeRecipe(layered(proposal.recipe, { training }), where);
    const shown = relative(".", path);
    out.text(`${out.style.dim("recipe")} ${shown.startsWith("..") ? path : shown} (again: atelier train ${shown})`);
  };
  return start(context, proposal.recipe, proposal.minutes, { write, recipe: () => path });
}

interface Proposed {
  readonly write: (event: TrainEvent) => void;
  /** Where the recipe has been written. */
  readonly recipe: () => string | undefined;
}

async function start(
  context: TrainContext,
  recipe: unknown,
  minutes: number | undefined,
  proposed?: Proposed,
): Promise<unknown> {
  const { options, home, signal } = context;
  const { name, device, threads } = options;
  const report = trainReporter(context, { dataTold: proposed !== undefined });
  const { train: begin } = await import("../../training/train.js");
  const result = await begin(recipe, {
    home,
    signal,
    name,
    minutes,
    device,
    threads,
    onEvent: (event) => {
      report(event);
      proposed?.write(event);
    },
  });
  return concluded(context, result, proposed?.recipe());
}

function concluded({ out, progress }: TrainContext, result: TrainResult, recipe?: string): unknown {
  if (result.status === "stopped") {
    throw new InterruptedError(
      `stopped and saved at step ${formatCount(result.step)} of ${formatCount(result.steps)}`,
      {
        hint: `go on with: atelier train --resume ${result.run}`,
      },
    );
  }
  progress.stop();
  printResult(result, out);
  const { score, ...rest } = result;
  return { ...rest, score: score ?? null, ...(recipe === undefined ? {} : { recipe }) };
}

/** What the options say, as settings of a recipe; --set has the last word. @throws {RecipeError} */
function settingsGiven({ from, family, steps, patience, goal, seed, set }: OptionValues<typeof options>): Settings {
  let given: Record<string, unknown> = {};
  if (from !== undefined) given.from = from;
  if (family !== undefined) given.family = family;
  if (goal !== undefined) given.goal = goal;
  if (seed !== undefined) given.seed = seed;
  if (steps !== undefined) given = put(given, ["training", "steps"], steps);
  if (patience !== undefined) given = put(given, ["training", "patience"], patience);
  for (const assignment of set) given = override(given, assignment);
  return given;
}

/** A run that goes on takes everything from its record. @throws {UsageError} */
function refuseSettings({ options, positionals }: TrainContext, run: string): void {
  const { minutes, recipeOut } = options;
  const settings = Object.keys(settingsGiven(options)).length > 0 || minutes !== undefined || recipeOut !== undefined;
  if (positionals.source.length === 0 && !settings) return;
  throw new UsageError("--resume goes on with a run as it was begun: it takes no source and no settings", {
    hint: `atelier train --resume ${run}`,
  });
}
