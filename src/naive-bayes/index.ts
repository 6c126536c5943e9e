export { GaussianNB, type GaussianNBParams } from "./gaussian-nb.js";
export { MultinomialNB, type MultinomialNBParams } from "./multinomial-nb.js";
export { BernoulliNB, type BernoulliNBParams } from "./bernoulli-nb.js";
export { ComplementNB, type ComplementNBParams } from "./complement-nb.js";
export { CategoricalNB, type CategoricalNBParams } from "./categorical-nb.js";
export type { DiscreteNBParams } from "./discrete.js";
export type { NaiveBayesFitOptions, NaiveBayesPartialFitOptions } from "./bayes-data.js";
