// Compares models on the credit-card fraud data: npm run example -- --help
import { progressBars, report, trainTestSplit, withConfig } from "treeline";
import { compare, type Part } from "./compare.js";
import { loadData, type Data } from "./load-data.js";
import { models } from "./models.js";
import { HELP, readOptions, type Options } from "./options.js";
import { classText, describeText, foundText, resultsText } from "./report.js";
import { search } from "./search.js";

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") console.log(HELP);
  else await withConfig({ nJobs: options.jobs ?? -1 }, () => run(options, interrupted.signal));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const data = await loadData(options, signal);
  console.log(`Data: ${data.source}`);
  console.log(`${await classText(data)}\n\n${await describeText(data.frame)}\n`);

  const { train, test } = await split(data, options.seed);
  console.log(`Training on ${train.y.length} rows, testing on ${test.y.length}, frauds in equal shares`);
  const bars = await progressBars();
  const quiet = process.stderr.isTTY;
  const compared = models(options.seed);
  const results = await compare(compared, train, test, {
    signal,
    bars,
    nJobs: options.jobs,
    onResult: ({ name, fitSeconds }) => quiet || console.log(`  ${name}: fitted in ${fitSeconds.toFixed(2)} s`),
  });
  const bar = bars.add("search");
  const found = await search(train, test, options.seed, { signal, onProgress: (progress) => bar.update(progress) })
    .then((result) => (bar.finish(`${result.seconds.toFixed(2)} s`), result))
    .finally(() => bars.stop());
  console.log(`\n${resultsText(results)}\n\n${foundText(found)}`);
  await report(compared, test.X, test.y, {
    path: options.report,
    title: "Which model finds credit-card frauds?",
    description: `${data.source}. Trained on ${train.y.length} rows, compared on ${test.y.length} others.`,
    sampleWeight: test.weight,
    fitSeconds: Object.fromEntries(results.map(({ name, fitSeconds }) => [name, fitSeconds])),
    featureNames: data.frame.drop("Class", "weight").columns,
    signal,
  });
  console.log(`\nThe comparison as a page, with its pictures: ${options.report}`);
}

/** A stratified split: four fifths to learn from. */
async function split({ frame }: Data, seed: number): Promise<{ train: Part; test: Part }> {
  const X = await frame.drop("Class", "weight").toMatrix();
  const y = (await frame.column("Class").toArray()) as Float64Array;
  const weights = (await frame.column("weight").toArray()) as Float64Array;
  const [XTrain, XTest, yTrain, yTest, wTrain, wTest] = await trainTestSplit(X, y, weights, {
    testSize: 0.2,
    stratify: y,
    randomState: seed,
  });
  return { train: { X: XTrain, y: yTrain, weight: wTrain }, test: { X: XTest, y: yTest, weight: wTest } };
}
