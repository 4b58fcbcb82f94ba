/** What a saved picture model is judged on: its own held-out pictures, or all of another dataset's. */
import { ArgumentError } from "@atelier/engine";
import type { EvaluateOptions, Judging } from "../evaluation/evaluate.js";
import type { LoadedPictureModel } from "../model/load.js";
import { resolveRecipe } from "../recipe/resolve.js";
import { isTextRecipe, type PictureRecipe, type Recipe } from "../recipe/schema.js";
import type { ModelRecord } from "../storage/index.js";
import { openCollection, openWhole } from "./collection.js";
import type { PictureModel } from "./picture-family.js";
import { subjectOf } from "./picture-subject.js";
import { promptsFor } from "./prompts.js";
import { drawingSo } from "./sampling.js";

/**
 * @throws typed errors of the dataset; {ArgumentError} where the model does not say what it was trained on, or cannot draw as it is asked to
 */
export async function pictureSubjectOf(
  { model: loaded, record }: LoadedPictureModel,
  { home, data, extractor, samples, sampling = {}, prompts: wanted, signal, onData, onWarning }: EvaluateOptions,
): Promise<Judging> {
  const model = drawingSo({ record, model: loaded }, sampling);
  const own = resolveRecipe(record.training.recipe);
  const { seed, goal, data: learnt } = own;
  const of = picturesOf(model, record, own);
  const recipe = { ...of, data: learnt };
  const { evaluation: asked } = isTextRecipe(own) ? of : own;
  const { prompts, warnings } = promptsFor({ record, model }, wanted);
  for (const warning of warnings) onWarning?.(warning);
  const evaluation = { extractor: extractor ?? asked.extractor, samples: samples ?? asked.samples, prompts };
  const shared = { home, codec: model.codec.toJSON(), signal, onProgress: onData };
  const known = await openCollection(recipe, {
    ...shared,
    inspect: ({ fingerprint }) => {
      if (fingerprint !== record.dataset.fingerprint)
        onWarning?.(`the data is no longer what ${record.name} was trained on`);
    },
  });
  const { exclude: _, curation: __, ...everything } = recipe;
  const other = data === undefined ? undefined : await openWhole({ ...everything, data }, shared);
  // Classes of other data have numbers of their own.
  const validation =
    other === undefined || model.classes.length === 0 ? other?.all : other.all.withClasses(model.classes);
  const collection = validation === undefined ? known : { ...known, validation };
  return {
    subject: subjectOf({ evaluation }, collection, model, home),
    seed,
    goal,
    other: other?.card,
  };
}

/** The recipe that says which pictures are held out: a model of codes or latents has it of what makes them. */
function picturesOf(model: PictureModel, { name }: ModelRecord, recipe: Recipe): PictureRecipe {
  if (model.frozenRecipe !== undefined) return model.frozenRecipe;
  if (!isTextRecipe(recipe)) return recipe;
  throw new ArgumentError(`${name} says that it was trained on texts, and it is a model of pictures`);
}
