import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  crossValScore,
  fromArrow,
  fromBuffer,
  loadBreastCancer,
  LogisticRegression,
  makePipeline,
  Matrix,
  RFE,
  RFECV,
  Ridge,
  StandardScaler,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";

const [all, y] = await loadBreastCancer({ returnXy: true });
const scaled = await new StandardScaler().fitTransform(all);
/** The first eight columns. */
const X = Matrix.from(Array.from({ length: scaled.rows }, (_, i) => Array.from(scaled.row(i).slice(0, 8))));
const make = (params = {}): RFECV => new RFECV({ estimator: new LogisticRegression(), cv: 3, ...params });

/** What is written to stderr, as to a terminal, while `body` runs. */
async function drawn(body: () => Promise<unknown>): Promise<string> {
  const { stderr } = process;
  const { isTTY } = stderr;
  const write = stderr.write.bind(stderr);
  let text = "";
  stderr.isTTY = true;
  stderr.write = ((part: string | Uint8Array) => {
    text += String(part);
    return true;
  }) as typeof stderr.write;
  try {
    await body();
  } finally {
    stderr.write = write;
    stderr.isTTY = isTTY;
  }
  return text;
}

test("all features are scored as crossValScore scores the estimator, and the fewest of the best number are kept", async () => {
  const selector = await make({ scoring: "rocAuc" }).fit(X, y);
  const { meanTestScore, nFeatures, split1TestScore } = selector.cvResults_ as Record<string, Float64Array>;
  assert.equal(Array.from(nFeatures as Float64Array), [1, 2, 3, 4, 5, 6, 7, 8]);
  const scores = await crossValScore(new LogisticRegression(), X, y, { cv: 3, scoring: "rocAuc" });
  assert.is(split1TestScore?.[7], scores[1]);
  const means = Array.from(meanTestScore as Float64Array);
  assert.is(selector.nFeatures_, means.indexOf(Math.max(...means)) + 1);
  const alone = await new RFE({ estimator: new LogisticRegression(), nFeaturesToSelect: selector.nFeatures_ }).fit(
    X,
    y,
  );
  assert.equal(selector.ranking_, alone.ranking_);
  assert.equal(await selector.predict(X), await alone.predict(X));
  const ties = await make({ scoring: () => 1 }).fit(X, y);
  assert.is(ties.nFeatures_, 1);
  const fewer = await make({ scoring: (_: unknown, table: Matrix) => (table.cols > 5 ? NaN : table.cols) }).fit(X, y);
  assert.is(fewer.nFeatures_, 5);
});

test("the same bits for any nJobs, and of a frame; saved, loaded, the answers and results are there", async () => {
  const columns = Object.fromEntries(Array.from({ length: 8 }, (_, j) => [`c${j}`, X.column(j)]));
  const frame = await fromArrow(tableFromArrays(columns));
  const first = await make({ nJobs: 1 }).fit(X, y);
  for (const [table, nJobs] of [
    [X, 2],
    [X, -1],
    [frame, null],
  ] as const) {
    const other = await make({ nJobs }).fit(table, y);
    assert.equal(other.cvResults_, first.cvResults_);
    assert.equal(other.ranking_, first.ranking_);
    assert.equal((await other.predictProba(table)).data, (await first.predictProba(X)).data);
  }
  const back = fromBuffer<RFECV>(first.toBuffer());
  assert.equal(back.cvResults_, first.cvResults_);
  assert.equal(await back.predict(X), await first.predict(X));
  assert.is(await back.score(X, y), await first.score(X, y));
});

test("sample weights are cut with the folds; in a pipeline the names stay known", async () => {
  const weights = Array.from(y, (label, i) => (i % 3) + (label === 1 ? 1 : 0.5));
  const weighted = await make().fit(X, y, { sampleWeight: weights });
  const plain = await make().fit(X, y);
  assert.not.equal(weighted.cvResults_, plain.cvResults_);
  const rows = Array.from({ length: X.rows }, (_, i) => i);
  const cut = rows.filter((i) => i % 2 === 0);
  const split = [[cut, rows.filter((i) => i % 2 === 1)]] as const;
  const one = await make({ cv: split, step: 8 }).fit(X, y, { sampleWeight: weights });
  const part = Matrix.from(cut.map((i) => X.row(i)));
  const alone = new LogisticRegression();
  await alone.fit(
    part,
    cut.map((i) => y[i] as number),
    { sampleWeight: cut.map((i) => weights[i] as number) },
  );
  const test_ = split[0][1];
  const score = await alone.score(
    Matrix.from(test_.map((i) => X.row(i))),
    test_.map((i) => y[i] as number),
  );
  assert.is((one.cvResults_["split0TestScore"] as Float64Array).at(-1), score);
  const pipeline = makePipeline(new RFECV({ estimator: new LogisticRegression(), cv: 3, step: 3 }), new Ridge());
  await pipeline.fit(X, y);
  const selector = pipeline.namedSteps["rfecv"] as RFECV;
  assert.is((pipeline.namedSteps["ridge"] as Ridge).nFeaturesIn_, selector.nFeatures_);
});

test("progress counts the fits of all folds and of the last elimination, and ends at 1", async () => {
  const seen: number[] = [];
  let last = { done: 0, total: 0 };
  const selector = await make({ step: 2 }).fit(X, y, {
    onProgress: (progress) => {
      seen.push(progress.fraction);
      last = progress;
    },
  });
  const rounds = Math.ceil((8 - selector.nFeatures_) / 2) + 1;
  assert.is(last.done, 3 * 5 + rounds);
  assert.is(last.total, last.done);
  assert.is(seen.at(-1), 1);
  assert.ok(seen.every((fraction, k) => k === 0 || fraction > (seen[k - 1] as number)));
});

test("verbose draws a bar on stderr, for RFE too; without it nothing is written", async () => {
  const selector = new RFE({ estimator: new LogisticRegression(), nFeaturesToSelect: 2, verbose: true });
  const bar = await drawn(() => selector.fit(X, y));
  assert.match(bar, /100% \| RFE/);
  assert.match(await drawn(() => make({ verbose: true }).fit(X, y)), /100% \| RFECV/);
  assert.is(await drawn(() => selector.setParams({ verbose: false }).fit(X, y)), "");
});

test("an aborted or failed fit leaves the selector as it was", async () => {
  const selector = await make({ step: 3 }).fit(X, y);
  const { ranking_: before } = selector;
  const stop = new AbortController();
  selector.setParams({ step: 1 });
  const onProgress = ({ done }: { done: number }): void => {
    if (done === 4) stop.abort(new Error("enough"));
  };
  assert.is((await errorOf(() => selector.fit(X, y, { signal: stop.signal, onProgress }))).message, "enough");
  assert.is(selector.ranking_, before);
  const broken = (): number => {
    throw new Error("no score");
  };
  assert.is((await errorOf(() => selector.setParams({ scoring: broken }).fit(X, y))).message, "no score");
  assert.is(selector.ranking_, before);
});

test("what does not fit is refused by name", async () => {
  const several = make({ scoring: () => ({ a: 1, b: 2 }) });
  assert.match((await errorOf(() => several.fit(X, y))).message, /RFECV.fit: scoring must be one metric, got a, b/);
  assert.match((await errorOf(() => make({ cv: 1 }).fit(X, y))).message, /cv must be an integer of at least 2/);
  const none = make({ minFeaturesToSelect: 0 });
  assert.match((await errorOf(() => none.fit(X, y))).message, /minFeaturesToSelect must be/);
  assert.match((await errorOf(() => make().fit(X, y.slice(1)))).message, /y has 568 values, but X has 569 rows/);
  const many = await make({ minFeaturesToSelect: 20 }).fit(X, y);
  assert.is(many.nFeatures_, 8);
});

test.run();
