export { type CodeGrid, type VqConfiguration, type VqSize, vqCodes, vqConfiguration } from "./configuration.js";
export { vq, vqDecode, vqEncode, vqLikelihood, vqLogProbability, vqLoss, vqReconstruct, vqVectors } from "./vq.js";
