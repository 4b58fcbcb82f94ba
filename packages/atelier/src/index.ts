/** Train, generate, evaluate and keep generative models: the library behind the `atelier` command. */
export { verdict } from "./evaluation/baseline.js";
export { GptJudge, type LanguageScore, scoreOf, targetBytes } from "./evaluation/evaluate.js";
export { type GeneratedToken, type GenerationSettings, GptGenerator } from "./generation/generate.js";
export { type LoadedModel, openModel } from "./model/load.js";
export { RecipeError, readRecipe, recipeJsonSchema, resolveRecipe } from "./recipe/resolve.js";
export { type Recipe, type RecipeInput, recipeSchema } from "./recipe/schema.js";
export { gptConfiguration, planOf, repeatOf, trainerOptions } from "./training/plan.js";
export {
  initialState,
  type StepMetrics,
  type TrainingPlan,
  type TrainingState,
  trainingStep,
} from "./training/step.js";
export { resume, type TrainEvent, type TrainOptions, type TrainResult, train } from "./training/train.js";
export { NonFiniteError, Trainer, type TrainerOptions } from "./training/trainer.js";
