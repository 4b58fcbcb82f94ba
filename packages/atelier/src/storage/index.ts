/** Files as the truth: runs, checkpoints and models on the disk. */
export { exists, makeFolder, readWhole, writeAtomic, writeJsonAtomic } from "./atomic.js";
export {
  type Checkpoint,
  readCheckpoint,
  type TensorMap,
  writeCheckpoint,
} from "./checkpoint.js";
export {
  type Best,
  CheckpointFolder,
  type LoadedCheckpoint,
  loadCheckpoint,
  type SaveOptions,
} from "./checkpoint-folder.js";
export {
  DiskFullError,
  NotFoundError,
  RunExistsError,
  RunLockedError,
  StorageError,
  systemCode,
  UnwritableError,
} from "./errors.js";
export { atelierHome, homeFolder } from "./home.js";
export { type JsonRecord, jsonRecord, parseJson, readJson } from "./json-file.js";
export { acquireLock, type Lock, lockHolder } from "./lock.js";
export {
  figuresSince,
  type LossPoint,
  lossPoints,
  MetricsLog,
  type MetricsRecord,
  readMetrics,
  warningsOf,
} from "./metrics-log.js";
export {
  findModel,
  listModels,
  loadModel,
  type Model,
  type ModelRecord,
  modelSchema,
  type NewModel,
  readModelRecord,
  removeModel,
  saveModel,
  writeModel,
} from "./model-directory.js";
export { checkName, nameOf } from "./names.js";
export {
  findRun,
  listRuns,
  type NewRun,
  RunDirectory,
  type RunPaths,
  type RunRecord,
  type RunSummary,
  readRun,
  readRunMetrics,
  removeRun,
  runPaths,
  runSchema,
} from "./run-directory.js";
