/** The parts of the npm peers that the benches and oracle tests use; the packages ship no types. */
declare module "ml-cart" {
  interface CartOptions {
    gainFunction?: "gini" | "regression";
    maxDepth?: number;
    minNumSamples?: number;
  }
  export class DecisionTreeClassifier {
    constructor(options?: CartOptions);
    train(rows: number[][], labels: number[]): void;
    predict(rows: number[][]): number[];
  }
  export class DecisionTreeRegression {
    constructor(options?: CartOptions);
    train(rows: number[][] | number[], targets: number[]): void;
    predict(rows: number[][] | number[]): number[];
  }
}

declare module "ml-logistic-regression" {
  import type { Matrix } from "ml-matrix";
  // eslint-disable-next-line no-restricted-syntax -- it is how that package exports
  export default class LogisticRegression {
    constructor(options?: { numSteps?: number; learningRate?: number });
    train(X: Matrix, y: Matrix): void;
    predict(X: Matrix): number[];
  }
}
