/** The `markov` family: interpolated modified Kneser–Ney n-grams, the baseline beside every neural language model. */
export { chooseOrder, type FitMarkovOptions, fitMarkov, type OrderChoice } from "./fit.js";
export { MarkovModel, type Score, type ScoreOptions } from "./model.js";
