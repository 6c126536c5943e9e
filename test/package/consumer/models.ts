import { tableFromArrays } from "apache-arrow";
import { HistGradientBoostingClassifier, LogisticRegression, load, scanCsv, trainTestSplit } from "treeline";
import { rocAucScore } from "treeline/metrics";
import { writeFileSync } from "node:fs";

const n = 2_000;
const amount = Float64Array.from({ length: n }, (_, i) => (i * 37) % 101);
const hour = Int32Array.from({ length: n }, (_, i) => (i * 53) % 24);
const fraud = Int32Array.from({ length: n }, (_, i) => Number((amount[i] ?? 0) + (hour[i] ?? 0) > 90));

// From an Arrow table.
const X = tableFromArrays({ amount, hour });
const fromTable = await new HistGradientBoostingClassifier({ maxIter: 20 }).fit(X, fraud);
const linear = await new LogisticRegression({ maxIter: 200 }).fit(X, fraud);

// From a CSV file.
const lines = Array.from(amount, (value, i) => `${value},${hour[i]},${fraud[i]}`);
writeFileSync("fraud.csv", ["amount,hour,fraud", ...lines].join("\n"));
const frame = await scanCsv("fraud.csv");
const [train, test] = await trainTestSplit(frame, { testSize: 0.25, randomState: 0 });
const fromCsv = await new HistGradientBoostingClassifier({ maxIter: 20 }).fit(
  train.drop("fraud"),
  train.column("fraud"),
);
const scores = (await fromCsv.predictProba(test.drop("fraud"))).column(1);
const auc: number = await rocAucScore(test.column("fraud"), scores);

await fromTable.save("model.treeline");
const loaded = await load<HistGradientBoostingClassifier>("model.treeline");
const labels = await fromTable.predict(X);
const again = await loaded.predict(X);
const same = String(again) === String(labels);
console.log("ok", auc > 0.99, same, (await linear.score(X, fraud)) > 0.95);
