import { createRequire } from "node:module";
import type { BenchTable } from "./data.js";

interface YdfModel {
  predict(csv: string): number[];
  unload(): void;
}
interface Ydf {
  GradientBoostedTreesLearner: new (label: string, task: string) => { train(csv: string): YdfModel };
}

/** Google's Yggdrasil Decision Forests compiled to WebAssembly: the best gradient boosting npm had. It reads CSV text. */
export async function trainYdf(
  train: BenchTable,
  test: BenchTable,
): Promise<{ train: () => void; predictions: number[] }> {
  const load = createRequire(import.meta.url)("ydf-training") as () => Promise<Ydf>;
  const ydf = await load();
  const trainCsv = csv(train);
  const learner = new ydf.GradientBoostedTreesLearner("label", "CLASSIFICATION");
  const model = learner.train(trainCsv);
  const predictions = model.predict(csv(test)).map((p) => (p > 0.5 ? 1 : 0));
  model.unload();
  return {
    train: () => new ydf.GradientBoostedTreesLearner("label", "CLASSIFICATION").train(trainCsv).unload(),
    predictions,
  };
}

function csv(table: BenchTable): string {
  const [rows, cols] = table.X.shape;
  const lines = [`${Array.from({ length: cols }, (_, j) => `f${j}`).join(",")},label`];
  for (let i = 0; i < rows; i++) lines.push(`${table.X.row(i).join(",")},${table.y[i] === 1 ? "b" : "a"}`);
  return lines.join("\n");
}
