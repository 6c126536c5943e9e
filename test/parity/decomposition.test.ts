import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  IncrementalPCA,
  Matrix,
  PCA,
  TruncatedSVD,
  loadBreastCancer,
  loadDigits,
  loadIris,
  loadWine,
} from "../../src/index.js";

interface Case {
  readonly model?: "TruncatedSVD" | "IncrementalPCA";
  readonly dataset: "breast_cancer" | "digits" | "iris" | "wine";
  readonly step?: number;
  readonly duplicate?: boolean;
  readonly shift?: number;
  readonly n_components?: number | "mle";
  readonly whiten?: boolean;
  readonly svd_solver?: "full";
  readonly algorithm?: "arpack";
  readonly batch_size?: number;
  readonly expected: {
    readonly components_: number[];
    readonly explained_variance_: number[];
    readonly explained_variance_ratio_: number[];
    readonly singular_values_: number[];
    readonly noise_variance_?: number;
    readonly mean_?: number[];
    readonly covariance?: number[];
    readonly precision?: number[];
    readonly log_likelihoods?: number[];
    readonly score?: number;
    readonly rank: number;
    readonly transformed: number[];
    readonly restored: number[];
  };
}

const { cases } = JSON.parse(readFileSync(new URL("decomposition.json", import.meta.url), "utf8")) as { cases: Case[] };
const loaders = { breast_cancer: loadBreastCancer, digits: loadDigits, iris: loadIris, wine: loadWine };

/** X of a case, as table() in make_decomposition.py makes it. */
async function table({ dataset, step = 1, duplicate, shift = 0 }: Case): Promise<Matrix> {
  const rows = (await loaders[dataset]()).data.toArray().filter((_, i) => i % step === 0);
  const wide = duplicate ? rows.map((row) => [...row, row[0]! - 2 * row[1]!]) : rows;
  return Matrix.from(wide.map((row) => row.map((x) => x + shift)));
}

function estimator(given: Case): PCA | TruncatedSVD | IncrementalPCA {
  const { n_components: nComponents, whiten, batch_size: batchSize } = given;
  if (given.model === "TruncatedSVD")
    return new TruncatedSVD({ nComponents: nComponents as number, algorithm: "arpack" });
  if (given.model === "IncrementalPCA") {
    return new IncrementalPCA({
      nComponents: nComponents as number,
      whiten: whiten ?? false,
      batchSize: batchSize ?? null,
    });
  }
  return new PCA({ nComponents: nComponents ?? null, whiten: whiten ?? false, svdSolver: given.svd_solver ?? "auto" });
}

function close(got: ArrayLike<number>, expected: readonly number[], tolerance: number, what: string): void {
  assert.is(got.length, expected.length, what);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    assert.ok(Math.abs((got[i] as number) - value) <= tolerance * scale, `${what}[${i}]: ${got[i]}, expected ${value}`);
  });
}

for (const given of cases) {
  const { expected, ...words } = given;
  test(`equal to scikit-learn: ${JSON.stringify(words)}`, async () => {
    const X = await table(given);
    const model = await estimator(given).fit(X);
    // scikit-learn rounds a mean of 1e6 away from variances of 1e-2; components of small variance turn most.
    const tolerance = given.shift === undefined ? 1e-6 : 1e-5;
    assert.is(model.components_.rows, expected.rank);
    close(model.components_.data, expected.components_, tolerance, "components");
    close(model.explainedVariance_, expected.explained_variance_, tolerance, "explained variance");
    close(model.explainedVarianceRatio_, expected.explained_variance_ratio_, tolerance, "its ratio");
    close(model.singularValues_, expected.singular_values_, tolerance, "singular values");
    if (!(model instanceof TruncatedSVD)) {
      close(model.mean_, expected.mean_ as number[], 1e-12, "mean");
      const noise = Math.abs(model.noiseVariance_ - (expected.noise_variance_ as number));
      assert.ok(noise <= 1e-6 * (expected.noise_variance_ as number) + 1e-14 * (model.explainedVariance_[0] as number));
    }
    const some = Matrix.from(X.toArray().filter((_, i) => i % 7 === 0));
    close((await model.transform(some)).data, expected.transformed, tolerance, "transform");
    if (expected.covariance !== undefined && !(model instanceof TruncatedSVD)) {
      close(model.getCovariance().data.subarray(0, 3 * X.cols), expected.covariance, tolerance, "covariance");
      close(model.getPrecision().data.subarray(0, 3 * X.cols), expected.precision as number[], tolerance, "precision");
    }
    if (expected.log_likelihoods !== undefined && model instanceof PCA) {
      close(await model.scoreSamples(some), expected.log_likelihoods, tolerance, "log-likelihoods");
      close([await model.score(X)], [expected.score as number], tolerance, "score");
    }
    const two = Matrix.from(X.toArray().slice(0, 2));
    close((await model.inverseTransform(await model.transform(two))).data, expected.restored, tolerance, "inverse");
  });
}

test("randomized solvers come within 1e-6 of the exact ones where singular values fall off", async () => {
  const X = await table({ dataset: "digits", step: 1 } as Case);
  for (const nComponents of [1, 5, 10]) {
    const exact = await new PCA({ nComponents, svdSolver: "full" }).fit(X);
    const random = await new PCA({ nComponents, svdSolver: "randomized", randomState: 3, iteratedPower: 15 }).fit(X);
    close(random.singularValues_, Array.from(exact.singularValues_), 1e-6, "singular values");
    close(random.components_.data, Array.from(exact.components_.data), 1e-5, "components");
    close(random.explainedVarianceRatio_, Array.from(exact.explainedVarianceRatio_), 1e-6, "ratio");
    close([random.noiseVariance_], [exact.noiseVariance_], 1e-6, "noise");
    const svd = await new TruncatedSVD({ nComponents, algorithm: "arpack" }).fit(X);
    const randomSvd = await new TruncatedSVD({ nComponents, nIter: 15, randomState: 5 }).fit(X);
    close(randomSvd.singularValues_, Array.from(svd.singularValues_), 1e-6, "singular values");
    close(randomSvd.explainedVariance_, Array.from(svd.explainedVariance_), 1e-6, "explained variance");
  }
});

test.run();
