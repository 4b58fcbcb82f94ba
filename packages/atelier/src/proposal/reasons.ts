/** A proposal's reasons: what was chosen, and why, with the figures that decided. */
import { formatBytes, formatCount, formatDuration } from "../cli/format.js";
import { BITS_PER_BYTE } from "../evaluation/metrics/language.js";
import { familyNamed } from "../families/index.js";
import type { TextRecipe } from "../recipe/schema.js";
import { type CodecChoice, percent } from "./choices.js";
import { multipliedParameters } from "./cost.js";
import type { Inspection } from "./inspect.js";
import type { Machine } from "./machine.js";
import type { Candidate, Proposal, Wish } from "./propose.js";
import { settingAt } from "./settings.js";

export interface Reason {
  /** In one word. */
  readonly setting: string;
  readonly value: string;
  readonly why: string;
}

/** Bytes a second, about: encoding (measured with BPE, characters are faster), and curation. */
const [ENCODED, CURATED] = [8e6, 1e7];
/** A time that nobody takes for exact: `40 s`, `10 min`, `3 h 20 min`. */
export const roughly = (seconds: number): string =>
  seconds < 90
    ? `${Math.max(1, Math.round(seconds))} s`
    : seconds < 3600
      ? `${Math.round(seconds / 60)} min`
      : formatDuration(60 * Math.round(seconds / 60));

export interface Found {
  readonly inspection: Inspection;
  readonly machine: Machine;
  readonly wish: Wish;
  readonly codec: CodecChoice;
  readonly context: string;
  readonly chosen: Candidate;
  readonly full: TextRecipe;
  readonly passes: number;
  readonly estimate: Proposal["estimate"];
  /** Tokens to learn from for each parameter that are enough. */
  readonly enough: number;
}

export function reasonsOf({
  inspection,
  machine,
  wish,
  codec,
  context,
  chosen,
  full,
  passes,
  estimate,
  enough,
}: Found): Reason[] {
  const { card } = inspection;
  const { from, given = {} } = wish;
  const { configuration: c, recipe } = chosen;
  const reasons: Reason[] = [];
  /** @param paths of the settings that the line is about: where one was asked for, that is the reason. */
  const because = (setting: string, paths: readonly string[], value: string, why: string): void => {
    const asked = paths.some((path) => settingAt(given, path) !== undefined);
    reasons.push({ setting, value, why: asked ? "as asked" : why });
  };
  if (from !== undefined) because("from", [], from.name, "family, sizes and codec stay, the weights go on");
  if (full.curation !== undefined) {
    const copies = full.curation.near === false ? "copies" : "copies and near-copies";
    const documents = `${formatCount(card.documents)} documents may hold ${copies}`;
    because("curation", ["curation"], "copies out", `${documents}; personal data is counted only`);
  }
  const { vocabulary } = from === undefined ? codec : from.configuration;
  const kind = from?.codec ?? full.codec.kind;
  because(
    "codec",
    ["codec"],
    kind === "characters"
      ? `characters, about ${formatCount(vocabulary)}`
      : `${kind}, vocabulary ${formatCount(vocabulary)}`,
    from === undefined ? codec.why : "the model's own",
  );
  const { can } = familyNamed(recipe.family);
  const abilities = kind === "code" && !can.includes("fill") ? [...can, "fill"] : can;
  because("family", [], recipe.family, `it can ${abilities.join(", ")}`);
  const each = (chosen.steps * chosen.tokens) / multipliedParameters(c);
  because(
    "model",
    ["model.layers", "model.width"],
    `${c.layers} layers, ${c.width} wide`,
    `${formatCount(estimate.parameters)} parameters; reads ${each < 10 ? each.toFixed(1) : formatCount(Math.round(each))} tokens for each (${enough} are good)`,
  );
  because(
    "context",
    ["model.context"],
    `${formatCount(c.context)} tokens`,
    from === undefined ? context : "the model's own",
  );
  const { optimiser, schedule } = full.training;
  const falling = schedule.kind === "stable-decay" ? `; falls over the last ${percent(schedule.decay)}` : "";
  because(
    "rate",
    ["training.optimiser", "training.schedule"],
    `${optimiser.kind} ${optimiser.learningRate}`,
    `${from === undefined ? "served models of these sizes well" : "a third of a new model's, whose weights know nothing yet"}${falling}`,
  );
  if (full.training.patience !== undefined || (full.model.dropout ?? 0) > 0) {
    const dropout = (full.model.dropout ?? 0) > 0 ? [`dropout ${full.model.dropout}`] : [];
    const stop = full.training.patience === undefined ? [] : ["stops early"];
    const why = `the text is read ${passes.toFixed(passes < 10 ? 1 : 0)} times over: lest it learn it by heart`;
    because("caution", ["training.patience", "model.dropout"], [...dropout, ...stop].join(", "), why);
  }
  const preparing = card.bytes / ENCODED + (full.curation === undefined ? 0 : card.bytes / CURATED);
  const before = preparing < 30 ? "" : `reading and encoding, about ${roughly(preparing)}, come before, `;
  const why = chosen.byTime
    ? `measured again at the start; ${passes.toFixed(passes < 10 ? 1 : 0)} times over the text`
    : `${passes.toFixed(passes < 10 ? 1 : 0)} times over the text; more would teach it little`;
  because("steps", ["training.steps"], `${formatCount(chosen.steps)} of ${formatCount(chosen.tokens)} tokens`, why);
  reasons.push({
    setting: "time",
    value: `about ${roughly(estimate.seconds)}`,
    why: `by steps measured just now; ${before}judging comes after`,
  });
  reasons.push({
    setting: "memory",
    value: `about ${formatBytes(estimate.memory)}`,
    why: `${formatBytes(machine.memory)} are free`,
  });
  const goal = full.goal === undefined ? "" : `; the goal: ${full.goal.threshold}`;
  reasons.push({
    setting: "success",
    value: BITS_PER_BYTE,
    why: `of the ${percent(full.validation)} held out, below the n-gram's${goal}`,
  });
  return reasons;
}
