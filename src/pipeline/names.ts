import { BaseEstimator } from "../base/estimator.js";

/**
 * Names of steps after their classes: "standardScaler", "logisticRegression"; of several of one class "standardScaler-1",
 * "standardScaler-2".
 */
export function automaticNames(steps: readonly (object | string)[]): string[] {
  const names = steps.map((step) => {
    if (typeof step === "string") return step;
    const name = step instanceof BaseEstimator ? step.className : step.constructor.name;
    return name.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/, (capitals) => capitals.toLowerCase()); // PCA: pca, KMeans: kMeans
  });
  return names.map((name, i) => {
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    return `${name}-${names.slice(0, i + 1).filter((other) => other === name).length}`;
  });
}
