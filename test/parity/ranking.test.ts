import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  dcgScore,
  groupMapScore,
  groupMrrScore,
  groupNdcgScore,
  HistGradientBoostingRanker,
  labelRankingAveragePrecisionScore,
  ndcgScore,
  type DcgOptions,
  type HistGradientBoostingRankerParams,
  type WeightedOptions,
} from "../../src/index.js";
import { rankingProblem } from "../fixtures/ranking-problem.js";

// Made by make_ranking.py with scikit-learn 1.9.1, LightGBM 4.7.0 and XGBoost 3.2.0.
interface Parity {
  readonly checksum: { readonly rows: number; readonly grades: number[]; readonly X: number; readonly first: number[] };
  readonly metrics: readonly {
    readonly name: string;
    readonly gains: number[][];
    readonly scores: number[][];
    readonly options: DcgOptions;
    readonly dcg: number;
    readonly ndcg?: number;
  }[];
  /** By metric and cut-off; LightGBM and XGBoost agree. */
  readonly judged: Readonly<
    Record<"plain" | "weighted", Readonly<Record<"ndcg" | "map" | "mrr", Record<string, number>>>>
  > & {
    readonly scores: number[];
  };
  readonly labelRanking: readonly {
    readonly name: string;
    readonly labels: number[][];
    readonly scores: number[][];
    readonly options: WeightedOptions;
    readonly value: number;
  }[];
  readonly quality: Readonly<Record<string, readonly number[]>>;
  readonly firstTrees: Readonly<Record<string, readonly number[]>>;
}
const parity = JSON.parse(readFileSync(new URL("ranking.json", import.meta.url), "utf8")) as Parity;

const isClose = (a: number, b: number, tolerance = 1e-12): boolean =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

test("dcgScore and ndcgScore are scikit-learn's", async () => {
  for (const { name, gains, scores, options, dcg, ndcg } of parity.metrics) {
    const what = `${name} ${JSON.stringify(options)}`;
    assert.ok(isClose(await dcgScore(gains, scores, options), dcg), `dcg, ${what}`);
    if (ndcg === undefined) continue;
    assert.ok(isClose(await ndcgScore(gains, scores, options), ndcg), `ndcg, ${what}`);
  }
});

test("labelRankingAveragePrecisionScore is scikit-learn's", async () => {
  for (const { name, labels, scores, options, value } of parity.labelRanking) {
    const own = await labelRankingAveragePrecisionScore(labels, scores, options);
    assert.ok(isClose(own, value), `${name} ${JSON.stringify(options)}: ${own}, expected ${value}`);
  }
});

test("NDCG, MAP and MRR of queries are LightGBM's and XGBoost's", async () => {
  const { y, group } = rankingProblem(200, 30);
  const { scores, plain, weighted } = parity.judged;
  const sampleWeight = group.flatMap((size, query) => Array<number>(size).fill(1 + (query % 3)));
  for (const [values, weights] of [
    [plain, {}],
    [weighted, { sampleWeight }],
  ] as const) {
    for (const [kind, score] of Object.entries({ ndcg: groupNdcgScore, map: groupMapScore, mrr: groupMrrScore })) {
      for (const [k, value] of Object.entries(values[kind as "ndcg"])) {
        const own = await score(y, scores, { group, k: Number(k), ...weights });
        assert.ok(
          isClose(own, value, 1e-9),
          `${kind}@${k} ${JSON.stringify(Object.keys(weights))}: ${own}, expected ${value}`,
        );
      }
    }
  }
});

test("the queries are those that LightGBM was given", () => {
  const { X, y, group } = rankingProblem(100, 250);
  const { rows, grades, X: sum, first } = parity.checksum;
  assert.is(y.length, rows);
  assert.equal(
    grades.map((_, grade) => y.filter((value) => value === grade).length),
    grades,
  );
  assert.is(
    X.flat().reduce((a, b) => a + b, 0),
    sum,
  );
  assert.equal(group.slice(0, 5), first);
});

type Params = Partial<HistGradientBoostingRankerParams>;
const QUALITY: Readonly<Record<string, Params>> = {
  plain: {},
  truncated: { lambdarankTruncationLevel: 5 },
  "not normed": { lambdarankNorm: false },
  "linear gains": { labelGain: [0, 1, 2, 3, 4] },
};

for (const [name, params] of Object.entries(QUALITY)) {
  test(`${name}: NDCG@10 of unseen queries is LightGBM's, within .004 on average`, async () => {
    const differences: number[] = [];
    for (const [i, seed] of [100, 300, 500].entries()) {
      const train = rankingProblem(seed, 250);
      const test = rankingProblem(seed + 100, 250);
      const model = await new HistGradientBoostingRanker({ maxIter: 60, earlyStopping: false, ...params }).fit(
        train.X,
        train.y,
        { group: train.group },
      );
      const ndcg = await groupNdcgScore(test.y, await model.predict(test.X), { group: test.group });
      differences.push(ndcg - (parity.quality[name]?.[i] as number));
    }
    const mean = differences.reduce((a, b) => a + b, 0) / differences.length;
    assert.ok(Math.abs(mean) < 0.004, `${mean} (${differences.join(", ")})`);
  });
}

const FIRST_TREES: Readonly<Record<string, Params>> = {
  plain: {},
  weighted: {},
  "truncated, not normed": { lambdarankTruncationLevel: 3, lambdarankNorm: false, sigmoid: 2 },
};

for (const [name, params] of Object.entries(FIRST_TREES)) {
  test(`${name}: the first tree is LightGBM's`, async () => {
    const { X, y, group } = rankingProblem(900, 60);
    const model = new HistGradientBoostingRanker({
      maxIter: 1,
      learningRate: 1,
      maxLeafNodes: 8,
      minSamplesLeaf: 1,
      ...params,
    });
    const sampleWeight = name === "weighted" ? y.map((_, i) => 1 + (i % 3)) : undefined;
    const scores = await (await model.fit(X, y, { group, sampleWeight })).predict(X.slice(0, 200));
    parity.firstTrees[name]?.forEach((expected, i) => {
      assert.ok(isClose(scores[i] as number, expected, 2e-3), `row ${i}: ${scores[i]}, expected ${expected}`);
    });
  });
}

test.run();
