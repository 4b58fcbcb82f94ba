export {
  type Condition,
  checkConditions,
  conditionInputs,
  conditionShape,
  type GridCondition,
  type LabelCondition,
  type PictureSize,
  type TokensCondition,
  type VectorCondition,
} from "./condition.js";
export { type Conditioning, type EmbeddingOptions, embedConditions } from "./embed.js";
export { timeEmbedding } from "./time-embedding.js";
