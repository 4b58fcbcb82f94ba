/** What a saved picture model is judged on: its own held-out pictures, or all of another dataset's. */
import { ArgumentError } from "@atelier/engine";
import type { EvaluateOptions, Judging } from "../evaluation/evaluate.js";
import type { LoadedPictureModel } from "../model/load.js";
import { resolveRecipe } from "../recipe/resolve.js";
import { isTextRecipe, type PictureRecipe } from "../recipe/schema.js";
import type { ModelRecord } from "../storage/index.js";
import { openCollection, openWhole } from "./collection.js";
import type { PictureModel } from "./picture-family.js";
import { subjectOf } from "./picture-subject.js";

/** @throws typed errors of the dataset; {ArgumentError} where the model does not say what it was trained on */
export async function pictureSubjectOf(
  { model, record }: LoadedPictureModel,
  { home, data, extractor, samples, signal, onData, onWarning }: EvaluateOptions,
): Promise<Judging> {
  const { seed, goal, data: learnt } = resolveRecipe(record.training.recipe);
  const of = picturesOf(model, record);
  const recipe = { ...of, data: learnt };
  const evaluation = { extractor: extractor ?? of.evaluation.extractor, samples: samples ?? of.evaluation.samples };
  const shared = { home, codec: model.codec.toJSON(), signal, onProgress: onData };
  const own = await openCollection(recipe, {
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
  const collection = validation === undefined ? own : { ...own, validation };
  return {
    subject: subjectOf({ evaluation }, collection, model, home),
    seed,
    goal,
    other: other?.card,
  };
}

/** The recipe that says which pictures are held out, and what they are compared by: a model of codes has it of its vq. */
function picturesOf(model: PictureModel, { name, training }: ModelRecord): PictureRecipe {
  if (model.codesRecipe !== undefined) return model.codesRecipe;
  const recipe = resolveRecipe(training.recipe);
  if (!isTextRecipe(recipe)) return recipe;
  throw new ArgumentError(`${name} says that it was trained on texts, and it is a model of pictures`);
}
