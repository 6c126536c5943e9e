import { invalidArgument } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { corr, cov, gram, type CovOptions } from "../linalg/products.js";
import {
  lstsq,
  qr,
  svd,
  svdRandomized,
  type LeastSquaresSolution,
  type Qr,
  type QrOptions,
  type Svd,
  type SvdOptions,
  type SvdRandomizedOptions,
} from "../linalg/decompositions.js";
import type { RunOptions } from "../native/job.js";
import type { ChunkedMatrix } from "./chunked-matrix.js";
import { Statistics } from "./chunked-statistics.js";
import { comparisonOf, type Rows } from "../metrics/pairwise-map.js";
import { dense, labelsOf } from "../linalg/table.js";
import type { PairwiseKind } from "../native/addon.js";
import { addon } from "../native/load.js";
import { mappedMatrix } from "./mapped-matrix.js";
import { hstack } from "./stack.js";

/**
 * The linear algebra of a ChunkedMatrix: the functions of treeline/linalg, each reading the matrix in one or two passes,
 * whatever its length.
 */
export abstract class Algebra extends Statistics {
  /**
   * This × B, a matrix in memory of as many rows as this has columns: another lazy ChunkedMatrix, of n × (columns of B).
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT when the shapes do not fit.
   */
  matmul(B: Matrix | readonly (readonly number[])[]): ChunkedMatrix {
    const self = this.#self();
    const where = "ChunkedMatrix.matmul";
    const weights = dense(B, `${where}: B`);
    if (weights.rows !== self.cols) {
      throw invalidArgument(
        `${where}: shapes do not fit together: ${self.rows} × ${self.cols} and ${weights.rows} × ${weights.cols}`,
      );
    }
    const labels = labelsOf({ source: self, where, job: { nJobs: 1 }, signal: undefined });
    const zeros = [new Float64Array(weights.rows), new Float64Array(weights.cols)] as const;
    const map = addon().createProjectionMap(labels, weights.data, ...zeros);
    return mappedMatrix(self, map, weights.cols, `a product with a Matrix of ${weights.rows} × ${weights.cols}`);
  }

  /** Thisᵀ × other, a ChunkedMatrix of equally many rows: columns × columns, in memory, in one pass over both. */
  async transposeMatmul(other: ChunkedMatrix, options?: RunOptions): Promise<Matrix<Float64Array>> {
    const self = this.#self();
    const all = await gram(hstack([self, other]), options);
    const data = new Float64Array(self.cols * other.cols);
    for (let i = 0; i < self.cols; i++) data.set(all.row(i).subarray(self.cols), i * other.cols);
    return new Matrix(data, [self.cols, other.cols]);
  }

  /** Thisᵀ × this: columns × columns, in one pass. */
  gram(options?: RunOptions): Promise<Matrix<Float64Array>> {
    return gram(this.#self(), options);
  }

  /** Covariance of the columns, divisor n - ddof (default 1), in one pass. */
  cov(options?: CovOptions): Promise<Matrix<Float64Array>> {
    return cov(this.#self(), options);
  }

  /** Correlation of the columns, in one pass. */
  corr(options?: RunOptions): Promise<Matrix<Float64Array>> {
    return corr(this.#self(), options);
  }

  /** QR decomposition (TSQR): R in one pass. `mode: "r"` leaves out Q, which is as large as this and in memory. */
  qr(options?: QrOptions): Promise<Qr> {
    return qr(this.#self(), options);
  }

  /** Thin singular value decomposition. `computeU: false` leaves out U, which is as large as this and in memory. */
  svd(options?: SvdOptions): Promise<Svd> {
    return svd(this.#self(), options);
  }

  /** The largest singular values and their vectors, by random projection with power iterations. */
  svdRandomized(nComponents: number, options?: SvdRandomizedOptions): Promise<Svd> {
    return svdRandomized(this.#self(), nComponents, options);
  }

  /** Least squares: the shortest x for which this × x is nearest to Y. */
  lstsq(
    Y: Matrix | readonly (readonly number[])[],
    options?: RunOptions & { readonly rcond?: number },
  ): Promise<LeastSquaresSolution> {
    return lstsq(this.#self(), Y, options);
  }

  /**
   * Euclidean distances of the rows from those of Y, in memory: another lazy ChunkedMatrix, of n × (rows of Y). See
   * treeline/metrics.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT when the shapes do not fit; values that are not finite are refused by the
   * pass that meets them (ERR_INVALID_DATA).
   */
  euclideanDistances(Y: Rows, { squared = false }: { readonly squared?: boolean } = {}): ChunkedMatrix {
    return this.#compared("euclideanDistances", Y, squared ? "sqeuclidean" : "euclidean");
  }

  /** Manhattan distances of the rows from those of Y: see euclideanDistances. */
  manhattanDistances(Y: Rows): ChunkedMatrix {
    return this.#compared("manhattanDistances", Y, "manhattan");
  }

  /** Cosines of the angles between the rows and those of Y: see euclideanDistances. */
  cosineSimilarity(Y: Rows): ChunkedMatrix {
    return this.#compared("cosineSimilarity", Y, "cosineSimilarity");
  }

  /** 1 - cosine of the angles between the rows and those of Y: see euclideanDistances. */
  cosineDistances(Y: Rows): ChunkedMatrix {
    return this.#compared("cosineDistances", Y, "cosine");
  }

  /** exp(-gamma · squared distance) of the rows and those of Y: see euclideanDistances. gamma: default 1 / columns. */
  rbfKernel(Y: Rows, { gamma = null }: { readonly gamma?: number | null } = {}): ChunkedMatrix {
    return this.#compared("rbfKernel", Y, "rbf", gamma);
  }

  #compared(method: string, Y: Rows, kind: PairwiseKind, gamma: number | null = null): ChunkedMatrix {
    const self = this.#self();
    const { map, nOutputs } = comparisonOf(`ChunkedMatrix.${method}`, self, Y, kind, gamma);
    return mappedMatrix(self, map, nOutputs, `${method} from ${nOutputs} rows`);
  }

  #self(): ChunkedMatrix {
    return this as unknown as ChunkedMatrix;
  }
}
