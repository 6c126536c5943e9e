// The README's first example.
import {
  averagePrecisionScore,
  HistGradientBoostingClassifier,
  load,
  loadBreastCancer,
  LogisticRegression,
  rocAucScore,
  trainTestSplit,
} from "treeline";

const { data: X, target: y } = await loadBreastCancer();
const [XTrain, XTest, yTrain, yTest] = await trainTestSplit(X, y, { testSize: 0.25, stratify: y, randomState: 0 });

const logistic = new LogisticRegression({ maxIter: 1000 });
const boosting = new HistGradientBoostingClassifier({ maxIter: 100, learningRate: 0.1 });
for (const model of [logistic, boosting]) {
  await model.fit(XTrain, yTrain);
  const p = (await model.predictProba(XTest)).column(1);
  console.log(
    `${model.className}: ROC-AUC ${(await rocAucScore(yTest, p)).toFixed(4)}, ` +
      `average precision ${(await averagePrecisionScore(yTest, p)).toFixed(4)}`,
  );
}

await boosting.save("tumours.treeline"); // and somewhere else, later:
const served = await load<HistGradientBoostingClassifier>("tumours.treeline");
console.log("the first five:", await served.predict(XTest.toArray().slice(0, 5)));
