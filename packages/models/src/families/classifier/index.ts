export { classifier, classifierFeatures, classifierLogits, classifierLoss } from "./classifier.js";
export { type ClassifierConfiguration, type ClassifierSize, classifierConfiguration } from "./configuration.js";
