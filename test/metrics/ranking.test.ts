import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  dcgScore,
  groupMapScore,
  groupMrrScore,
  groupNdcgScore,
  labelRankingAveragePrecisionScore,
  Matrix,
  ndcgScore,
} from "../../src/index.js";

const refused = async (call: () => Promise<number>, message: RegExp): Promise<void> => {
  try {
    await call();
  } catch (error) {
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable(String(message));
};

test("the examples of scikit-learn's pages", async () => {
  const gains = [[10, 0, 0, 1, 5]];
  assert.ok(Math.abs((await dcgScore(gains, [[0.1, 0.2, 0.3, 4, 70]])) - 9.4994) < 1e-4);
  assert.ok(Math.abs((await dcgScore(gains, [[0.1, 0.2, 0.3, 4, 70]], { k: 2 })) - 5.6309) < 1e-4);
  assert.is(await dcgScore(gains, [[1, 0, 0, 0, 1]], { k: 1 }), 7.5);
  assert.is(await dcgScore(gains, [[1, 0, 0, 0, 1]], { k: 1, ignoreTies: true }), 5);
  assert.is(await ndcgScore(gains, gains, { k: 4 }), 1);
  assert.is(await ndcgScore(new Matrix(Float64Array.from(gains.flat()), [1, 5]), [[1, 0, 0, 0, 1]], { k: 1 }), 0.75);
});

test("groupNdcgScore of queries of one length is ndcgScore of gains", async () => {
  const grades = [2, 0, 1, 0, 3, 1];
  const scores = [0.5, 0.1, 0.9, 0.3, 0.3, 0.2];
  const table = (values: number[]): number[][] => [values.slice(0, 3), values.slice(3)];
  const gains = grades.map((grade) => 2 ** grade - 1);
  const sampleWeight = [1, 2, 3, 4, 5, 6];
  assert.is(await groupNdcgScore(grades, scores, { group: [3, 3] }), await ndcgScore(table(gains), table(scores)));
  assert.is(
    await groupNdcgScore(grades, scores, { group: [3, 3], k: 1, sampleWeight }),
    await ndcgScore(table(gains), table(scores), { k: 1, sampleWeight: [2, 5] }),
  );
  assert.is(
    await groupNdcgScore(grades, scores, { groupId: ["b", "b", "b", "a", "a", "a"], labelGain: [0, 1, 2, 3], k: null }),
    await ndcgScore(table(grades), table(scores)),
  );
});

test("MAP and MRR by hand, of equal scores the mean over their orders", async () => {
  const one = { group: [4] };
  // Ranked: 0, 2, 1, 0.
  assert.is(await groupMapScore([1, 0, 2, 0], [1, 4, 3, 0], one), (1 / 2 + 2 / 3) / 2);
  assert.is(await groupMapScore([1, 0, 2, 0], [1, 4, 3, 0], { ...one, k: 1 }), 0);
  assert.is(await groupMapScore([1, 0, 2, 0], [1, 4, 3, 0], { ...one, k: 2 }), 1 / 2 / 2);
  assert.is(await groupMrrScore([1, 0, 2, 0], [1, 4, 3, 0], one), 1 / 2);
  assert.is(await groupMrrScore([1, 0, 2, 0], [1, 4, 3, 0], { ...one, k: 1 }), 0);
  // One document of use, on any of two ranks.
  assert.is(await groupMapScore([1, 0], [5, 5], { group: [2] }), 0.75);
  assert.is(await groupMrrScore([1, 0], [5, 5], { group: [2], k: null }), 0.75);
  assert.is(await groupMrrScore([1, 0], [5, 5], { group: [2], k: 1 }), 0.5);
  // labelGain says what is of use.
  assert.is(await groupMrrScore([1, 2], [2, 1], { group: [2], labelGain: [0, 0, 1] }), 0.5);
});

test("labelRankingAveragePrecisionScore of a scikit-learn page's example, and of rows that could not be wrong", async () => {
  const value = await labelRankingAveragePrecisionScore(
    [
      [1, 0, 0],
      [0, 0, 1],
    ],
    [
      [0.75, 0.5, 1],
      [1, 0.2, 0.1],
    ],
  );
  assert.is(value, (1 / 2 + 1 / 3) / 2);
  assert.is(
    await labelRankingAveragePrecisionScore(new Matrix(Float64Array.of(0, 0, 1, 1), [2, 2]), [
      [1, 2],
      [2, 1],
    ]),
    1,
  );
});

test("queries without gains count 1, without rows not at all", async () => {
  assert.is(await groupNdcgScore([0, 0, 1, 0], [1, 2, 1, 2], { group: [2, 0, 2], k: 1 }), 0.5);
  assert.is(await groupNdcgScore([1], [5], { group: [0, 1, 0] }), 1);
  assert.is(await groupMapScore([0, 0, 0, 1], [1, 2, 2, 1], { group: [2, 0, 2] }), 0.75);
  assert.is(await groupMrrScore([0, 0, 0, 1], [1, 2, 2, 1], { group: [2, 0, 2], k: 1 }), 0.5);
});

test("wrong input is refused", async () => {
  await refused(() => ndcgScore([1, 2], [1, 2]), /yTrue must be a table with a row a query/);
  await refused(() => ndcgScore([[1, 2]], [[1, 2, 3]]), /yTrue is 1 × 2, but yScore 1 × 3/);
  await refused(() => ndcgScore([[1, -2]], [[1, 2]]), /must not be negative, got -2 in row 0, column 1/);
  await refused(() => ndcgScore([[1]], [[1]]), /at least 2 documents/);
  await refused(() => ndcgScore([[1, 2]], [[1, NaN]]), /yScore must be finite numbers/);
  await refused(() => ndcgScore([[1, 2]], [[1, 2]], { k: 0 }), /k must be a positive integer, or null, got 0/);
  await refused(() => dcgScore([[1, 2]], [[1, 2]], { logBase: 1 }), /logBase must be a positive number other than 1/);
  await refused(() => groupNdcgScore([1, 2], [1, 2], {}), /give group .* or groupId/);
  await refused(() => groupNdcgScore([1, 2], [1, 2, 3], { group: [2] }), /yTrue has 2 values, but yScore has 3/);
  await refused(() => groupNdcgScore([1, 2], [1, 2], { group: [2], labelGain: [0, 2, 1] }), /labelGain must be/);
  await refused(() => groupMapScore([0, 0.5], [1, 2], { group: [2] }), /groupMapScore: yTrue must hold grades/);
  await refused(() => groupMrrScore([0, 1], [1, 2], { group: [2], k: 1.5 }), /groupMrrScore: k must be/);
  const ofLabels = labelRankingAveragePrecisionScore;
  await refused(() => ofLabels([1, 0], [1, 2]), /yTrue must be a table with a column a label, got a list/);
  await refused(() => ofLabels([[1, 0]], [[1, 2, 3]]), /yTrue is 1 × 2, but yScore 1 × 3/);
  await refused(
    () =>
      ofLabels(
        [
          [1, 0],
          [0, 2],
        ],
        [
          [1, 2],
          [2, 1],
        ],
      ),
    /must hold 0 and 1, got 2 in row 1, column 1/,
  );
  await refused(() => ofLabels([[1, 0]], [[1, Infinity]]), /yScore must be finite numbers/);
  await refused(() => groupNdcgScore([], [], { group: [] }), /empty/);
});

test.run();
