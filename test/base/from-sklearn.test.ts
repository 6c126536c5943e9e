import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromSklearn, type HistGradientBoostingClassifier, type LogisticRegression } from "../../src/index.js";
import { ESTIMATORS } from "../../src/registry.js";

type Params = Readonly<Record<string, unknown>>;
const sklearn = JSON.parse(readFileSync("test/parity/sklearn_params.json", "utf8")) as Readonly<Record<string, Params>>;
const both = Object.keys(ESTIMATORS).filter((name) => Object.hasOwn(sklearn, name));

test("scikit-learn's defaults are taken, and are ours", () => {
  assert.ok(both.length > 30);
  const different = both.flatMap((name) => {
    const translated = fromSklearn(name, sklearn[name]).getParams({ deep: false }) as Params;
    const defaults = fromSklearn(name).getParams({ deep: false }) as Params;
    return Object.keys(defaults)
      .filter((key) => !Object.is(translated[key], defaults[key]))
      .map((key) => `${name}.${key}: ${JSON.stringify(translated[key])}, here ${JSON.stringify(defaults[key])}`);
  });
  assert.equal(different, []);
});

test("names and values are brought into our spelling", () => {
  const boosting = fromSklearn<HistGradientBoostingClassifier>("HistGradientBoostingClassifier", {
    max_iter: 50,
    loss: "log_loss",
    n_iter_no_change: 4,
    scoring: "average_precision",
    verbose: 1,
    monotonic_cst: [1, 0, -1],
  }).getParams();
  assert.is(boosting.maxIter, 50);
  assert.is(boosting.loss, "logLoss");
  assert.is(boosting.nIterNoChange, 4);
  assert.is(boosting.scoring, "averagePrecision");
  assert.is(boosting.verbose, true);
  assert.equal(boosting.monotonicCst, [1, 0, -1]);
  const logistic = fromSklearn<LogisticRegression>("LogisticRegression", { solver: "newton-cholesky", C: 3 });
  assert.is(logistic.getParams().solver, "newton-cholesky");
  assert.is(logistic.getParams().C, 3);
});

test("a wrong value stays as it is, for fit to refuse", async () => {
  const model = fromSklearn<LogisticRegression>("LogisticRegression", { solver: "no_such_solver" });
  assert.is(model.getParams().solver as string, "no_such_solver");
  await model.fit([[0], [1]], [0, 1]).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /solver must be one of .*got "no_such_solver"/),
  );
});

test("what there is not is refused by name", () => {
  assert.throws(
    () => fromSklearn("LogisticRegresion", {}),
    /no estimator "LogisticRegresion"; did you mean LogisticRegression\?/,
  );
  assert.throws(() => fromSklearn("LinearSVC", { multi_class: "crammer_singer" }), /LinearSVC has no multi_class here/);
  assert.throws(
    () => fromSklearn("Ridge", { frobnicate: 2, twist: 1 }),
    /Ridge has no frobnicate, twist here; leave them/,
  );
  assert.throws(() => fromSklearn("Ridge", [1] as never), /expected the object that get_params\(\) gives/);
});

test.run();
