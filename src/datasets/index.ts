export type { Bunch, LoadOptions, XyPair } from "./bunch.js";
export { loadBreastCancer, loadDiabetes, loadDigits, loadIris, loadWine, type DiabetesOptions } from "./bundled.js";
