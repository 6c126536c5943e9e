export type { Bunch, LoadOptions, XyPair } from "./bunch.js";
export { loadBreastCancer, loadDiabetes, loadDigits, loadIris, loadWine, type DiabetesOptions } from "./bundled.js";
export { makeBlobs, type BlobsOptions } from "./make-blobs.js";
export { makeClassification, type ClassificationOptions } from "./make-classification.js";
export { makeRegression, type RegressionOptions } from "./make-regression.js";
export {
  creditCardFraudBatches,
  makeCreditCardFraud,
  type CreditCardFraudBatchOptions,
  type CreditCardFraudOptions,
} from "./make-credit-card-fraud.js";
export { fetchOpenml, type OpenmlBunch, type OpenmlOptions } from "./fetch-openml.js";
export type { OpenmlDetails } from "./openml-api.js";
export { loadSvmlightFile, type SvmlightData, type SvmlightOptions } from "./load-svmlight-file.js";
