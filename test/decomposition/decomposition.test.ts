import { test } from "uvu";
import * as assert from "uvu/assert";
import { ChunkedMatrix, eigh, IncrementalPCA, Matrix, matmul, PCA, TruncatedSVD, withConfig } from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

function table(rows: number, cols: number, seed = 1): Matrix<Float64Array> {
  const next = random(seed);
  const data = Float64Array.from({ length: rows * cols }, (_, k) => (next() - 0.5) * (1 + (k % cols)) + 3);
  return new Matrix(data, [rows, cols]);
}

function near(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): void {
  assert.is(a.length, b.length);
  for (let i = 0; i < a.length; i++) {
    assert.ok(Math.abs((a[i] as number) - (b[i] as number)) <= tolerance, `${i}: ${a[i]}, ${b[i]}`);
  }
}

test("all solvers agree, and their components are orthonormal", async () => {
  const X = table(3000, 8);
  const exact = await new PCA({ svdSolver: "full" }).fit(X);
  for (const svdSolver of ["covarianceEigh", "randomized", "arpack", "auto"] as const) {
    const model = await new PCA({ svdSolver, nComponents: 7, randomState: 0 }).fit(X);
    near(model.singularValues_, exact.singularValues_.subarray(0, 7), 1e-8);
    near(model.components_.data, exact.components_.data.subarray(0, 56), 1e-7);
    assert.is(model.nComponents_, 7);
    assert.is(model.nSamples_, 3000);
    near([model.noiseVariance_], [exact.explainedVariance_[7] as number], 1e-9);
    for (let i = 0; i < 7; i++) {
      for (let k = 0; k <= i; k++) {
        const product = model.components_.row(i).reduce((sum, v, j) => sum + v * model.components_.at(k, j), 0);
        near([product], [i === k ? 1 : 0], 1e-12);
      }
    }
  }
});

test("the transformed table is centred, uncorrelated, of the explained variance; whitened, of variance 1", async () => {
  const X = table(2000, 5);
  for (const whiten of [false, true]) {
    const model = new PCA({ whiten });
    const Z = await model.fitTransform(X);
    for (let j = 0; j < 5; j++) {
      near([Z.column(j).reduce((sum, z) => sum + z, 0) / 2000], [0], 1e-12);
      for (let k = 0; k <= j; k++) {
        const covariance = Z.column(j).reduce((sum, z, i) => sum + z * Z.at(i, k), 0) / 1999;
        near([covariance], [j !== k ? 0 : whiten ? 1 : (model.explainedVariance_[j] as number)], 1e-9);
      }
    }
    near((await model.inverseTransform(Z)).data, X.data, 1e-10);
    near([model.explainedVarianceRatio_.reduce((sum, r) => sum + r, 0)], [1], 1e-12);
  }
});

test("getCovariance of all components is the covariance of the table", async () => {
  const X = table(500, 4);
  const covariance = (await new PCA().fit(X)).getCovariance();
  const mean = [0, 1, 2, 3].map((j) => X.column(j).reduce((sum, x) => sum + x, 0) / 500);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      const expected = X.column(i).reduce((s, x, r) => s + (x - mean[i]!) * (X.at(r, j) - mean[j]!), 0) / 499;
      near([covariance.at(i, j)], [expected], 1e-11);
    }
  }
});

test("getPrecision is the inverse of getCovariance, and likelihoods are those of it, with noise and without", async () => {
  const X = table(300, 4);
  for (const nComponents of [null, 2, 0]) {
    const model = await new PCA({ nComponents }).fit(X);
    const [covariance, precision] = [model.getCovariance(), model.getPrecision()];
    near((await matmul(covariance, precision)).data, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], 1e-9);
    const logDeterminant = (await eigh(covariance)).values.reduce((sum, value) => sum + Math.log(value), 0);
    const found = await model.scoreSamples(X);
    const apart = Array.from(X.row(7), (x, j) => x - model.mean_[j]!);
    const square = apart.reduce((sum, a, i) => sum + apart.reduce((s, b, j) => s + a * b * precision.at(i, j), 0), 0);
    near([found[7]!], [-0.5 * (square + 4 * Math.log(2 * Math.PI) + logDeterminant)], 1e-9);
    near([await model.score(X)], [found.reduce((sum, value) => sum + value, 0) / 300], 1e-12);
    const chunked = (await ChunkedMatrix.from(X)).rechunk(1024);
    assert.equal(await withConfig({ nJobs: 1 }, () => model.scoreSamples(chunked)), found);
  }
});

test("a model that gives some direction no variance has no precision matrix, and says so", async () => {
  const flat = await new PCA().fit(table(3, 4));
  assert.throws(() => flat.getPrecision(), /PCA.getPrecision: the model gives some directions no variance/);
  const message = await flat.score(table(3, 4)).catch((error: Error) => error.message);
  assert.match(String(message), /PCA.scoreSamples: the model gives/);
});

test("the same bits for any chunks and threads, every solver", async () => {
  const X = table(2500, 6);
  const models = [
    () => new PCA({ svdSolver: "full", nComponents: 3 }),
    () => new PCA({ svdSolver: "randomized", nComponents: 2, randomState: 1 }),
    () => new PCA({ svdSolver: "covarianceEigh" }),
    () => new TruncatedSVD({ randomState: 1 }),
    () => new TruncatedSVD({ algorithm: "arpack", nComponents: 6 }),
    () => new IncrementalPCA({ nComponents: 3, batchSize: 700 }),
  ];
  for (const make of models) {
    const expected = JSON.stringify(await make().fit(X));
    for (const size of [17, 1024, 1500]) {
      for (const nJobs of [1, 3]) {
        const model = await withConfig({ nJobs }, () => make().fit(rechunked(X, size)));
        assert.is(JSON.stringify(model), expected, `${model.className} by ${size}, nJobs ${nJobs}`);
      }
    }
  }
});

test("wide tables: fewer rows than columns, no more components than rows", async () => {
  const X = table(6, 40);
  for (const svdSolver of ["full", "covarianceEigh"] as const) {
    const model = await new PCA({ svdSolver }).fit(X);
    assert.equal(model.components_.shape, [6, 40]);
    near([model.explainedVariance_[5] as number], [0], 1e-12);
    near((await model.inverseTransform(await model.transform(X))).data, X.data, 1e-10);
  }
  const svd = await new TruncatedSVD({ nComponents: 30, algorithm: "arpack" }).fit(X);
  assert.is(svd.components_.rows, 6);
});

test("constant and equal columns, huge and tiny scales", async () => {
  const flat = await new PCA().fit(new Matrix(new Float64Array(60).fill(3), [20, 3]));
  near(flat.explainedVariance_, [0, 0, 0], 1e-25);
  assert.ok(flat.explainedVarianceRatio_.every(Number.isFinite));
  near((await flat.transform([[3, 3, 3]])).data, [0, 0, 0], 1e-12);
  const X = table(800, 3);
  const plain = await new PCA({ svdSolver: "full" }).fit(X);
  for (const scale of [2 ** -300, 2 ** 300]) {
    const model = await new PCA({ svdSolver: "full" }).fit(
      new Matrix(
        X.data.map((x) => x * scale),
        X.shape,
      ),
    );
    near(model.components_.data, plain.components_.data, 1e-12);
    near(
      model.singularValues_.map((s) => s / scale),
      plain.singularValues_,
      1e-9,
    );
  }
});

test("IncrementalPCA: one batch is PCA; partialFit of fit's batches is fit; fit begins anew", async () => {
  const X = table(900, 5);
  const exact = await new PCA().fit(X);
  const whole = await new IncrementalPCA().partialFit(X);
  near(whole.components_.data, exact.components_.data, 1e-9);
  near(whole.explainedVariance_, exact.explainedVariance_, 1e-10);
  const fitted = await new IncrementalPCA({ nComponents: 3, batchSize: 300 }).fit(X);
  const fed = new IncrementalPCA({ nComponents: 3, batchSize: 300 });
  for (const at of [0, 300, 600]) await fed.partialFit(new Matrix(X.data.slice(at * 5, (at + 300) * 5), [300, 5]));
  assert.equal(fed.components_, fitted.components_);
  assert.equal(fed.singularValues_, fitted.singularValues_);
  assert.is(fed.nSamplesSeen_, 900);
  near(fed.mean_, exact.mean_, 1e-12);
  const before = JSON.stringify(fed);
  await fed.fit(X);
  assert.is(fed.nSamplesSeen_, 900);
  assert.equal(fed.components_, fitted.components_);
  assert.ok(before.length > 0);
});

test("IncrementalPCA: batches too small, other widths and other nComponents are refused, and nothing changes", async () => {
  const X = table(50, 4);
  const short = await errorOf(() => new IncrementalPCA({ nComponents: 4 }).partialFit(X.toArray().slice(0, 3)));
  assert.match(short.message, /first batch has 3 rows, fewer than nComponents, 4/);
  const model = await new IncrementalPCA({ nComponents: 2 }).partialFit(X);
  const state = JSON.stringify(model);
  assert.match((await errorOf(() => model.partialFit(table(50, 3)))).message, /X has 3 features/);
  model.setParams({ nComponents: 3 });
  assert.match((await errorOf(() => model.partialFit(X))).message, /nComponents was 2 in the batches before/);
  model.setParams({ nComponents: 2 });
  assert.is(JSON.stringify(model), state);
});

test("too many components, a table of one row, and a wrong width are refused in words", async () => {
  const X = table(20, 4);
  const many = await errorOf(() => new PCA({ nComponents: 5 }).fit(X));
  assert.is(many.code, "ERR_INVALID_ARGUMENT");
  assert.match(many.message, /nComponents must be at most 4, the smaller side of X \(20 × 4\), got 5/);
  assert.match(
    (await errorOf(() => new PCA({ nComponents: 0.5, svdSolver: "randomized" }).fit(X))).message,
    /integer in 1/,
  );
  assert.match((await errorOf(() => new TruncatedSVD({ nComponents: 5 }).fit(X))).message, /at most nFeatures, 4/);
  assert.match(
    (await errorOf(() => new PCA({ nComponents: "mle" }).fit(table(4, 9)))).message,
    /at least as many rows/,
  );
  assert.match((await errorOf(() => new PCA().fit([[1, 2]]))).message, /X has 1 rows; at least 2 are needed/);
  const model = await new PCA({ nComponents: 2 }).fit(X);
  assert.match((await errorOf(() => model.inverseTransform(X))).message, /X has 4 columns, but there are 2 components/);
  assert.equal(model.getFeatureNamesOut(), ["pca0", "pca1"]);
});

test("abort in the middle of the passes leaves the estimator as it was", async () => {
  const X = table(60_000, 12);
  const model = await new PCA({ nComponents: 2 }).fit(table(100, 3));
  const state = JSON.stringify(model);
  const controller = new AbortController();
  model.setParams({ svdSolver: "randomized" });
  const fit = model.fit(X, undefined, { signal: controller.signal });
  setTimeout(() => controller.abort(), 3);
  assert.is((await errorOf(() => fit)).name, "AbortError");
  model.setParams({ svdSolver: "auto" });
  assert.is(JSON.stringify(model), state);
});

test.run();
