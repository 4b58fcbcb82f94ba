/** The `markov` family: interpolated modified Kneser–Ney n-grams, the baseline beside every neural language model. */
export { BidirectionalMarkov, type FitBidirectionalOptions, fitBidirectional } from "./bidirectional.js";
export { chooseOrder, type FitMarkovOptions, fitMarkov, type OrderChoice } from "./fit.js";
export { MarkovModel, type Score, type ScoreOptions } from "./model.js";
