/**
 * From what a dataset is like, what the machine can do and what was asked for, to a recipe with a reason for every choice in it. Pure: the same
 * question has the same answer.
 */
import type { DataSource } from "@atelier/data";
import type { TransformerConfiguration } from "@atelier/models";
import { BITS_PER_BYTE } from "../evaluation/metrics/language.js";
import { settingsOf, transformerConfiguration } from "../families/transformer-settings.js";
import { resolveTextRecipe } from "../recipe/resolve.js";
import type { TextRecipe } from "../recipe/schema.js";
import { estimateMemory, parametersOf } from "../training/memory.js";
import { repeatOf, tokensAStep } from "../training/plan.js";
import {
  type CodecChoice,
  charactersPerToken,
  chooseCodec,
  chooseContext,
  headsOf,
  remarks,
  SIZES,
  worthCurating,
} from "./choices.js";
import { multipliedParameters, secondsAStep } from "./cost.js";
import type { Inspection } from "./inspect.js";
import type { Machine } from "./machine.js";
import { type Reason, reasonsOf } from "./reasons.js";
import { layered, numberAt, type Settings } from "./settings.js";

/** A model to go on from. */
export interface StartingModel {
  readonly name: string;
  readonly family: string;
  /** The kind of its codec. */
  readonly codec: string;
  readonly configuration: TransformerConfiguration;
}

export interface Wish {
  /** As it shall stand in the recipe. */
  readonly data: DataSource;
  /** Time for the training; default 10, or less where the text is learnt sooner. */
  readonly minutes?: number | undefined;
  /** Settings asked for, as a recipe has them: they stand, and the rest is chosen to suit them. */
  readonly given?: Settings | undefined;
  readonly from?: StartingModel | undefined;
}

export interface Proposal {
  /** As written to a file: what is not a default, and what was chosen. */
  readonly recipe: Settings;
  readonly reasons: readonly Reason[];
  /** About; `seconds` are those of the training steps, `memory` is in bytes. */
  readonly estimate: {
    readonly parameters: number;
    readonly steps: number;
    readonly seconds: number;
    readonly memory: number;
  };
  /** The measure of success. */
  readonly metric: string;
  /** What is worth knowing before saying yes; sentences. */
  readonly notes: readonly string[];
  /** The time that decides the number of steps, to be measured when the training begins; undefined where something else does. */
  readonly minutes: number | undefined;
}

const MINUTES = 10;
/**
 * Tokens to learn from for each parameter: Hoffmann et al. 2022 (Chinchilla), table 3. It holds for small models too: given the same operations on
 * tinyshakespeare (recipes/modern-cpu.json, context 128, batches of 12), 2 × 64 with 110 tokens a parameter ended at 1.615, 3 × 96 with 10 at 1.616, 4 × 128 with 2
 * at 1.681, 4 × 192 with less than 1 at 1.745.
 */
const TOKENS_A_PARAMETER = 20;
/** Times that a text is gone through at most. Muennighoff et al. 2023 see little gain after 16, large models; small ones bear more. */
const PASSES = 30;
/** From so many passes on it watches for the best weights, and from so many a model with room for the text drops values out. */
const [WATCHED_PASSES, DROPPING_PASSES] = [4, 8];
/** Fewer steps than this teach nothing, however small the text. */
const LEAST_STEPS = 240;
/** Evaluations along the way. */
const EVALUATIONS = 8;
/** Steps in one call of the runtime, for small models: what steps and evaluations are whole multiples of. */
const CALL = 8;
/** Share of the free memory that a training may take. */
const MEMORY_SHARE = 0.8;
/** Rates that served all sizes here (recipes/modern-cpu.json), and a third of them for weights that are good already. */
const RATES = { kind: "muon", learningRate: 0.01 };
const LOWER_RATES = { kind: "muon", learningRate: 0.003, embeddingRate: 0.01, headRate: 0.003 };
const FALLING = 0.9;

const callsOf = (steps: number): number => Math.max(CALL, Math.floor(steps / CALL) * CALL);

/** A recipe at one size, filled in, with what it costs. */
export interface Candidate {
  readonly settings: Settings;
  readonly recipe: TextRecipe;
  readonly configuration: TransformerConfiguration;
  readonly tokens: number;
  readonly secondsAStep: number;
  readonly steps: number;
  readonly byTime: boolean;
  readonly memory: number;
}

/** @throws {RecipeError} @throws {ArgumentError} for settings asked for that cannot be. */
export function propose(inspection: Inspection, machine: Machine, wish: Wish): Proposal {
  const { card } = inspection;
  const { given = {}, from, minutes } = wish;
  const codec = from === undefined ? chooseCodec(inspection, given) : codecOf(from, inspection);
  const context = chooseContext(inspection, codec.charactersPerToken);
  const trainTokens = (card.characters * (1 - (numberAt(given, "validation") ?? 0.1))) / codec.charactersPerToken;
  const curation = worthCurating(inspection) ? { exact: true, near: 0.8 } : undefined;
  const askedSteps = numberAt(given, "training.steps");
  const seconds = 60 * (minutes ?? MINUTES);

  const candidate = (size: { readonly layers: number; readonly width: number }): Candidate => {
    const width = numberAt(given, "model.width") ?? size.width;
    const reach = numberAt(given, "model.context") ?? from?.configuration.context ?? context.context;
    // Wider models bear larger batches, and keep the processor busier with them.
    const batch = Math.max(4, Math.round((width < 256 ? 2048 : 4096) / reach));
    const model = { layers: size.layers, heads: headsOf(width), width, context: reach };
    const draft: Settings = {
      data: wish.data,
      ...(curation === undefined ? {} : { curation }),
      ...(from === undefined ? { codec: codec.codec, family: "gpt", model } : { from: from.name }),
      training: {
        steps: LEAST_STEPS,
        batch,
        optimiser: from === undefined ? RATES : LOWER_RATES,
        schedule: { kind: "stable-decay", decay: FALLING },
      },
    };
    const settings = layered(draft, given);
    const resolved = resolveTextRecipe(settings);
    const recipe =
      from === undefined
        ? resolved
        : resolveTextRecipe({ ...resolved, family: from.family, model: settingsOf(from.configuration) });
    const configuration = from?.configuration ?? transformerConfiguration(recipe, codec.vocabulary);
    const tokens = tokensAStep(recipe);
    const each = secondsAStep(configuration, tokens, machine.flops);
    const [inTime, enough] = [seconds / each, Math.max(LEAST_STEPS, (PASSES * trainTokens) / tokens)];
    const byTime = askedSteps === undefined && (minutes !== undefined || inTime < enough);
    const steps = askedSteps ?? callsOf(byTime ? inTime : enough);
    const sizes = { configuration, predictionsARow: configuration.context };
    const memory = estimateMemory(recipe, sizes, repeatOf(recipe, { configuration })).total;
    return { settings, recipe, configuration, tokens, secondsAStep: each, steps, byTime, memory };
  };

  /** Whether it has enough to learn from, and room. More passes than enough do not count as more text. */
  const fits = ({ configuration, steps, tokens, memory }: Candidate): boolean =>
    memory <= MEMORY_SHARE * machine.memory &&
    Math.min(steps * tokens, PASSES * trainTokens) >= TOKENS_A_PARAMETER * multipliedParameters(configuration);

  const chosen = SIZES.slice(1).map(candidate).findLast(fits) ?? candidate(SIZES[0]!);
  const passes = (chosen.steps * chosen.tokens) / Math.max(1, trainTokens);
  const every = Math.min(chosen.steps, Math.max(CALL, Math.ceil(chosen.steps / EVALUATIONS / CALL) * CALL));
  const learnt: Settings = {
    ...(passes > DROPPING_PASSES && multipliedParameters(chosen.configuration) > trainTokens / 2
      ? { model: { dropout: 0.1 } }
      : {}),
    training: {
      steps: chosen.steps,
      evaluateEvery: every,
      checkpointEvery: every,
      ...(passes > WATCHED_PASSES ? { patience: 3 } : {}),
    },
  };
  const recipe = layered(layered(chosen.settings, learnt), given);
  const full = resolveTextRecipe(recipe);
  const estimate = {
    parameters: parametersOf(chosen.configuration),
    steps: chosen.steps,
    seconds: chosen.steps * chosen.secondsAStep,
    memory: chosen.memory,
  };
  return {
    recipe,
    reasons: reasonsOf({
      inspection,
      machine,
      wish,
      codec,
      context: context.why,
      chosen,
      full,
      passes,
      estimate,
      enough: TOKENS_A_PARAMETER,
    }),
    estimate,
    metric: BITS_PER_BYTE,
    notes: remarks(inspection),
    minutes: chosen.byTime ? (minutes ?? MINUTES) : undefined,
  };
}

function codecOf({ codec: kind, configuration: { vocabulary } }: StartingModel, { card }: Inspection): CodecChoice {
  const bytes = card.characters === 0 ? 1 : card.bytes / card.characters;
  const held = kind === "characters" ? 1 : charactersPerToken(vocabulary, bytes);
  return { codec: { kind }, vocabulary, charactersPerToken: held, why: "" };
}
