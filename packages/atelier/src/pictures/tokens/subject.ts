/** Pictures as tokens as the subject of a training: `gpt` over the codes that a trained vq makes of a collection. */
import { shiftedRows, type TokenStream } from "@atelier/data";
import { hostTensor, type RandomKey } from "@atelier/engine";
import { formatCount } from "../../cli/format.js";
import type { BatchSource } from "../../families/text-family.js";
import { transformerConfiguration } from "../../families/transformer-settings.js";
import { RecipeError } from "../../recipe/resolve.js";
import type { TextRecipe } from "../../recipe/schema.js";
import { transformerSchema } from "../../recipe/text-schema.js";
import { checkMemory } from "../../training/memory.js";
import { picturesOf, type SubjectOptions } from "../../training/open-subject.js";
import { repeatOf } from "../../training/plan.js";
import type { Subject } from "../../training/subject.js";
import { openCollection } from "../collection.js";
import { Order } from "../order.js";
import { checkExtractor, subjectOf } from "../picture-subject.js";
import { PictureTokensCodec } from "./codec.js";
import { contextOf, pictureTokensModel } from "./model.js";

/**
 * Reads the pictures, makes codes of them, and a model over those. Which pictures are held out or left out is as it was for the vq: what is
 * held out from one is then held out from both.
 *
 * @throws {RecipeError} for settings that pictures have no use for. @throws typed errors of the data, the vq and the sizes
 */
export async function openPictureTokensSubject(recipe: TextRecipe, options: SubjectOptions): Promise<Subject> {
  const { home, onProgress, signal } = options;
  if (recipe.codec.kind !== "vq") throw new RecipeError(`The codec "${recipe.codec.kind}" is for texts`);
  refuse(recipe);
  const tokens =
    options.codec === undefined
      ? await PictureTokensCodec.open(home, recipe.codec.model)
      : PictureTokensCodec.load(options.codec);
  const asked = { ...recipe, model: { ...recipe.model, context: requireContext(recipe, tokens) } };
  const configuration = transformerConfiguration(asked, tokens.spec.vocabulary);
  const model = pictureTokensModel(configuration, tokens);
  const pictures = { ...tokens.recipe, data: recipe.data };
  await checkExtractor(pictures, home);
  const collection = await openCollection(pictures, {
    ...options,
    data: picturesOf(options.data),
    codec: tokens.image.toJSON(),
  });
  const { train } = collection;
  const items = await tokens.encode(train, {
    signal,
    onProgress: (done, total) => onProgress?.({ stage: "encode", unit: "pictures", done, total }),
  });
  const { batch, accumulate } = recipe.training;
  const repeat = repeatOf(asked, { configuration });
  const common = subjectOf(pictures, collection, model, home);
  const { words } = common;
  return {
    ...common,
    codec: tokens,
    unitsAStep: batch * accumulate,
    repeat,
    words: {
      ...words,
      codec: `${tokens.description}; ${words.codec}`,
      data: `${words.data} As ${formatCount(items.length)} tokens: ${tokens.description}.`,
      baseline: "fitting the n-gram baseline",
    },
    batches: (key) => itemBatches(items, train.length, configuration.context, batch, key),
    checkMemory: () => checkMemory(asked, { configuration, predictionsARow: configuration.context }, repeat),
  };
}

/** Pictures in a new order on every pass, as all models of pictures see them. A row is a start, the codes, and the start of the next: (B, T + 1) */
function itemBatches(
  items: TokenStream,
  pictures: number,
  context: number,
  batch: number,
  key: RandomKey,
): BatchSource {
  const order = new Order(pictures, key.split("order"));
  const shape = [batch, context];
  return (step) => {
    const rows = new Int32Array(batch * (context + 1));
    order.batch(step, batch).forEach((picture, row) => {
      rows.set(items.read(picture * context, (picture + 1) * context + 1), row * (context + 1));
    });
    const { inputs, targets } = shiftedRows(rows, context);
    return { inputs: hostTensor(inputs, shape), targets: hostTensor(targets, shape) };
  };
}

/** @throws {RecipeError} */
function refuse({ family, curation }: TextRecipe): void {
  if (family !== "gpt") {
    throw new RecipeError(`The family "${family}" makes no pictures of codes`, {
      hint: "Use gpt, which draws one code after another.",
    });
  }
  if (curation !== undefined) {
    throw new RecipeError('"curation" is for texts here: of the pictures, what was taken out for the vq is left out', {
      hint: "Leave curation out, or curate the pictures where the vq is trained.",
    });
  }
}

const UNSET = transformerSchema.parse({}).context;

/** @throws {RecipeError} for a context that is not that of a picture */
function requireContext({ model: { context } }: TextRecipe, tokens: PictureTokensCodec): number {
  const needed = contextOf(tokens);
  if (context === needed || context === UNSET) return needed;
  throw new RecipeError(
    `model.context is ${context}, and a picture is ${needed} tokens: a start and ${tokens.length} codes`,
    {
      hint: "Leave model.context out: it follows from the vq.",
    },
  );
}
