import { HistGradientBoostingClassifier } from "../../src/ensemble/index.js";
import { loadBreastCancer } from "../../src/datasets/index.js";
import type { Matrix } from "../../src/data/index.js";
import { LogisticRegression } from "../../src/linear-model/index.js";
import { trainTestSplit } from "../../src/model-selection/index.js";
import { makePipeline, type Pipeline } from "../../src/pipeline/index.js";
import { StandardScaler } from "../../src/preprocessing/index.js";

/** Two fitted classifiers and rows they have not seen. */
export interface FittedProblem {
  readonly logistic: Pipeline;
  readonly boosting: HistGradientBoostingClassifier;
  readonly X: Matrix;
  readonly y: Float64Array;
}

export async function fittedProblem(): Promise<FittedProblem> {
  const { data, target } = await loadBreastCancer();
  const [XTrain, X, yTrain, y] = await trainTestSplit(data, target, {
    testSize: 0.4,
    stratify: target,
    randomState: 0,
  });
  const logistic = makePipeline(new StandardScaler(), new LogisticRegression({ maxIter: 1000 }));
  const boosting = new HistGradientBoostingClassifier({ maxIter: 20 });
  await logistic.fit(XTrain, yTrain);
  await boosting.fit(XTrain, yTrain);
  return { logistic, boosting, X, y: y as Float64Array };
}
