/** Train, generate, evaluate and keep generative models: the library behind the `atelier` command. */

export type { Evaluated } from "./evaluation/evaluate.js";
export { type Judgement, type LanguageScore, scoreOf } from "./evaluation/judgement.js";
export type { Evidence } from "./evaluation/metrics/evidence.js";
export type { Measure } from "./evaluation/metrics/measure.js";
export { familyNamed } from "./families/index.js";
export type { TextFamily, TextModel } from "./families/text-family.js";
export { transformerConfiguration } from "./families/transformer-settings.js";
export { type GeneratorOptions, GptGenerator } from "./generation/generate.js";
export { type GeneratedText, generateText, type TextSettings } from "./generation/generate-text.js";
export type {
  FinishReason,
  GeneratedToken,
  GenerationSettings,
  Prompts,
  RowEnd,
  RowRule,
} from "./generation/request.js";
export { AbilityError } from "./library/ability.js";
export { embed, type Neighbour, nearestTo } from "./library/embed.js";
export { evaluate } from "./library/evaluate.js";
export { type Filled, type Filling, fill } from "./library/fill.js";
export {
  complete,
  type Generated,
  type GeneratedRow,
  generate,
  type Piece,
  type RunOptions,
  type TokenChance,
} from "./library/generate.js";
export { type LoadOptions, load, Model } from "./library/model.js";
export {
  type Anomalies,
  type AnomaliesRequest,
  type Anomaly,
  type AnomalyScore,
  anomalies,
  anomalyPairs,
  type ShownAnomaly,
} from "./library/pictures/anomalies.js";
export { type Attribute, type AttributesRequest, attributes, type Direction } from "./library/pictures/attributes.js";
export type { EditedPictures, EditSampling, EditSettings, WishRequest } from "./library/pictures/editing/edit.js";
export { type EditImageRequest, editImage } from "./library/pictures/editing/edit-image.js";
export { type InpaintRequest, inpaint } from "./library/pictures/editing/inpaint.js";
export {
  type InterpolateWishesRequest,
  interpolateWishes,
  type MixPart,
  type MixRequest,
  mixPictures,
} from "./library/pictures/editing/mix.js";
export { type Margin, type OutpaintRequest, outpaint } from "./library/pictures/editing/outpaint.js";
export { type RestyleRequest, restyle } from "./library/pictures/editing/restyle.js";
export { type GeneratedPictures, generatePictures } from "./library/pictures/generate.js";
export { InputGoneError } from "./library/pictures/inputs.js";
export { type Frames, type InterpolateRequest, interpolate } from "./library/pictures/interpolate.js";
export { type LatentMap, type LatentMapRequest, latentMap } from "./library/pictures/latent-map.js";
export { framesFor, mapOf, type Pair, pairsOf } from "./library/pictures/layouts.js";
export { NoLatentVectorsError, type PictureRunOptions } from "./library/pictures/picture-tools.js";
export {
  type Reconstructed,
  type Reconstruction,
  reconstruct,
  reconstructionPairs,
} from "./library/pictures/reconstruct.js";
export type { GeneratePicturesRequest } from "./library/pictures/request.js";
export { type Enlarged, type Upscaled, type UpscaleRequest, upscale } from "./library/pictures/upscale.js";
export { type WalkRequest, walk } from "./library/pictures/walk.js";
export {
  BLANK,
  type FillRequest,
  type Gapped,
  type GenerateRequest,
  type GrammarRequest,
  type SamplingRequest,
} from "./library/request.js";
export { type Scored, score } from "./library/score.js";
export { type Exported, type ExportOptions, exportModel } from "./model/export.js";
export { importModel } from "./model/import.js";
export { type LoadedModel, openModel } from "./model/load.js";
export { type Destination, emit, type Output } from "./output/emit.js";
export { arrange, type Shown } from "./output/media/shown.js";
export type { Provenance, SealedProvenance } from "./output/provenance.js";
export {
  type Changed,
  type Difference,
  NotReproducedError,
  type PixelDifference,
  type ReproduceOptions,
  type Reproduction,
  reproduce,
  type TextDifference,
} from "./output/reproduce.js";
export type { Proposal } from "./proposal/propose.js";
export { type ProposedRecipe, type ProposeOptions, proposeRecipe } from "./proposal/propose-recipe.js";
export type { Reason } from "./proposal/reasons.js";
export { RecipeError, readRecipe, recipeJsonSchema, resolveRecipe, resolveTextRecipe } from "./recipe/resolve.js";
export { type PictureRecipe, type Recipe, type RecipeInput, recipeSchema, type TextRecipe } from "./recipe/schema.js";
export { resumeSweep, type SweepEvent, type SweepOptions, type SweepResult, sweep } from "./sweep/sweep.js";
export { planOf, repeatOf, trainerOptions } from "./training/plan.js";
export {
  initialState,
  type StepMetrics,
  type TrainingPlan,
  type TrainingState,
  trainingStep,
} from "./training/step.js";
export { resume, type TrainEvent, type TrainOptions, type TrainResult, train } from "./training/train.js";
export { NonFiniteError, Trainer, type TrainerOptions } from "./training/trainer.js";
