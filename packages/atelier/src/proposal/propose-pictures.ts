/** A recipe for pictures, with a reason for every choice in it: from what the dataset is like, what the machine can do and what was asked for. */
import {
  type CommonForm,
  commonForm,
  type DatasetProgress,
  ImageCodec,
  openPictures,
  type PictureDataset,
  type PictureSource,
} from "@atelier/data";
import { formatBytes, formatCount } from "../cli/format.js";
import { FRECHET_DISTANCE } from "../evaluation/metrics/pictures/picture-measures.js";
import { pictureFamily } from "../pictures/families/index.js";
import { estimatePictureMemory, parametersOf, trainingOperations } from "../pictures/memory.js";
import { RecipeError, requirePictureRecipe, resolveRecipe } from "../recipe/resolve.js";
import type { PictureRecipe } from "../recipe/schema.js";
import type { Machine } from "./machine.js";
import type { Proposal } from "./propose.js";
import { type Reason, roughly } from "./reasons.js";
import { layered, numberAt, type Settings, settingAt } from "./settings.js";

const MINUTES = 10;
/** Pictures as large as this, or smaller, are taken as they are where all have one size; others are brought to 32×32. */
const [LARGEST_AS_IT_IS, SIZE] = [64, 32];
/** Times that all pictures are gone through at most. */
const PASSES = 100;
/** Below so many pictures, each is moved about a little, lest it be learnt by heart. */
const FEW = 5000;
const LEAST_STEPS = 240;
const CALL = 8;
const BATCH = 64;

export interface PictureInspection {
  readonly card: PictureDataset["card"];
  readonly form: CommonForm;
  /** Whether the data bring held-out pictures of their own. */
  readonly divided: boolean;
}

export interface PictureWish {
  readonly data: PictureSource;
  readonly minutes?: number | undefined;
  readonly given: Settings;
}

export async function inspectPictures(
  source: PictureSource,
  options: {
    readonly home: string;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
  },
): Promise<PictureInspection & { readonly name: string }> {
  const { name, card, records } = await openPictures(source, options);
  return { name, card, form: await commonForm(records), divided: records.some(({ split }) => split === "test") };
}

/** Pure: the same question has the same answer. @throws {RecipeError} @throws {ArgumentError} for settings asked for that cannot be. */
export function proposePictures(inspection: PictureInspection, machine: Machine, wish: PictureWish): Proposal {
  const { card, form, divided } = inspection;
  const { given, minutes, data } = wish;
  const family = settingAt(given, "family") ?? "vae";
  if (settingAt(given, "model.latents") !== undefined) {
    // Most of what is proposed is what the vae or vq was trained by.
    throw new RecipeError("A recipe with model.latents is not proposed: it is written", {
      hint: "Write one as recipes/fashion-mnist-latent-diffusion.json, and train that: atelier train RECIPE",
    });
  }
  const asked = settingAt(given, "codec.size");
  const own = form.size !== undefined && Math.max(...form.size) <= LARGEST_AS_IT_IS ? form.size : undefined;
  const size: [number, number] = own === undefined ? [SIZE, SIZE] : [own[0], own[1]];
  const sides = typeof asked === "number" ? [asked] : Array.isArray(asked) ? asked.map(Number) : size;
  const longest = typeof asked === "number" ? asked : Math.max(...size);
  const channels = Array.from({ length: longest > 48 ? 3 : 2 }, (_, level) => 32 * 2 ** level);
  const latent = card.pictures < 1000 ? 16 : card.pictures < 20_000 ? 32 : 64;
  const classes = Object.keys(card.classes ?? {});
  const described = card.captions > card.pictures / 2;
  const few = card.pictures < FEW;
  const shift = Math.max(1, Math.round(longest / 16));
  const draft: Settings = {
    data,
    family,
    ...(divided ? {} : { curation: {} }),
    codec: { size, channels: form.channels },
    model: modelFor(family, { latent, channels, sides, told: classes.length > 1, described, few }),
    training: {
      batch: BATCH,
      optimiser: { kind: "adamw", learningRate: 1e-3 },
      schedule: { kind: "cosine", warmup: 100, final: 0.05 },
      // What a GAN learns from, it draws: it has changes of its own, which do not show in its pictures.
      ...(few && family !== "gan" ? { augmentation: { shift } } : {}),
    },
  };
  const settings = layered(draft, given);
  const recipe = requirePictureRecipe(resolveRecipe(settings));
  const codec = new ImageCodec({
    ...recipe.codec,
    size: recipe.codec.size ?? size,
    channels: recipe.codec.channels ?? form.channels,
  });
  const model = pictureFamily(recipe.family).create(recipe, { codec, classes });
  const { batch } = recipe.training;
  const seconds = trainingOperations(recipe, model) / machine.flops;
  const training = card.pictures * (divided ? 1 : 1 - recipe.validation);
  const enough = Math.max(LEAST_STEPS, Math.ceil((PASSES * training) / batch));
  const inTime = (60 * (minutes ?? MINUTES)) / seconds;
  const askedSteps = numberAt(given, "training.steps");
  const byTime = askedSteps === undefined && (minutes !== undefined || inTime < enough);
  const steps = askedSteps ?? Math.max(CALL, Math.floor((byTime ? inTime : enough) / CALL) * CALL);
  const every = Math.min(steps, Math.max(CALL, Math.ceil(steps / 8 / CALL) * CALL));
  const schedule = layered(settings, {
    training: { steps, evaluateEvery: every, checkpointEvery: every, ...averageOver(recipe, given, steps) },
  });
  const estimate = {
    parameters: parametersOf(model),
    steps,
    seconds: steps * seconds,
    memory: estimatePictureMemory(recipe, model),
  };
  const passes = (steps * batch) / training;
  const reasons: Reason[] = [];
  const because = (setting: string, paths: readonly string[], value: string, why: string): void => {
    reasons.push({
      setting,
      value,
      why: paths.some((path) => settingAt(given, path) !== undefined) ? "as asked" : why,
    });
  };
  const [depth, height, width] = codec.spec.shape;
  if (recipe.curation !== undefined)
    because("curation", ["curation"], "copies out", "exact copies, and pictures that only look like another");
  because(
    "size",
    ["codec.size"],
    `${width}×${height}, ${depth === 1 ? "grey" : depth === 3 ? "colour" : "with opacity"}`,
    own === undefined ? "the sizes differ, or are large: small pictures are learnt in minutes" : "the pictures' own",
  );
  because("family", ["family"], recipe.family, `it can ${model.can.join(", ")}`);
  because("model", ["model"], `${formatCount(estimate.parameters)} parameters`, model.words);
  if (recipe.family === "diffusion" && recipe.model.captions !== undefined) {
    const why = `${formatCount(card.captions)} of the pictures have captions: it can be asked in their words`;
    because("captions", ["model.captions"], "learnt", why);
  }
  if (recipe.training.augmentation !== undefined) {
    const why = `${formatCount(card.pictures)} pictures are few: lest it learn them by heart`;
    because("moves", ["training.augmentation"], `by up to ${shift} pixels`, why);
  }
  const often = `${passes.toFixed(passes < 10 ? 1 : 0)} times through the pictures`;
  because(
    "steps",
    ["training.steps"],
    `${formatCount(steps)} of ${batch} pictures`,
    byTime ? `measured again at the start; ${often}` : `${often}; more would teach it little`,
  );
  reasons.push({
    setting: "time",
    value: `about ${roughly(estimate.seconds)}`,
    why: "by its operations, and this machine's speed just now",
  });
  reasons.push({
    setting: "memory",
    value: `about ${formatBytes(estimate.memory)}`,
    why: `${formatBytes(machine.memory)} are free`,
  });
  const metric = METRICS[recipe.family];
  const held = divided ? "the dataset's own test pictures" : `the ${Math.round(100 * recipe.validation)} % held out`;
  reasons.push({ setting: "success", value: metric, why: `of ${held}, against its baseline` });
  return {
    recipe: schedule,
    reasons,
    estimate,
    metric,
    notes: [...(card.notes ?? [])],
    minutes: byTime ? (minutes ?? MINUTES) : undefined,
  };
}

interface ModelWish {
  readonly latent: number;
  readonly channels: readonly number[];
  /** Height and width, or one of them where they are the same. */
  readonly sides: readonly number[];
  /** Whether there are classes to be told of. */
  readonly told: boolean;
  /** Whether most pictures have captions. */
  readonly described: boolean;
  /** Whether there are few pictures. */
  readonly few: boolean;
}

/** The part `model` of a recipe. */
function modelFor(family: unknown, { latent, channels, sides, told, described, few }: ModelWish): Settings {
  switch (family) {
    case "vae":
      return { latent, network: { kind: "convolutional", channels }, klWarmup: 500 };
    case "gan":
      // Residual levels halve evenly; convolutions of DCGAN bear any size.
      return {
        latent,
        generator: sides.every((side) => side % 2 ** channels.length === 0)
          ? { kind: "residual", channels: [8, ...channels] }
          : { kind: "convolutional" },
        ...(told ? { classes: true } : {}),
        ...(few ? { augmentation: {} } : {}),
      };
    case "diffusion":
      // As many levels as end at about 8 pixels; those below the first are twice as wide.
      return {
        backbone: { kind: "unet", channels: 32, multipliers: [1, ...channels.map(() => 2)] },
        // Not both: told the class each time, it would hardly look at the words.
        ...(described ? { captions: {} } : told ? { classes: 0.1 } : {}),
      };
    case "upscaler":
      return {};
    default:
      return { network: { kind: "convolutional", channels: channels.map((width) => 2 * width) } };
  }
}

/** A moving average over no more than a tenth of the steps, so that next to nothing of it is left from the beginning. */
function averageOver({ training }: PictureRecipe, given: Settings, steps: number): Settings {
  if (training.averageDecay === undefined || settingAt(given, "training.averageDecay") !== undefined) return {};
  return { averageDecay: Math.min(training.averageDecay, Number((1 - 10 / Math.max(20, steps)).toPrecision(3))) };
}

const METRICS = {
  vae: "negative evidence lower bound",
  vq: "reconstruction loss",
  gan: FRECHET_DISTANCE,
  diffusion: "denoising loss",
  upscaler: "mean squared error",
  classifier: "accuracy",
} as const;
