import { invalidArgument, show } from "../base/errors.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { RunOptions } from "../native/job.js";
import { NeighborsEstimator, type Neighbors } from "./neighbors-estimator.js";
import type { NeighborSearchParams } from "./search-params.js";
import type { StoredFitted } from "./stored-rows.js";

/** Options of kneighbors. */
export interface KNeighborsOptions extends RunOptions {
  /** Default: the parameter. */
  readonly nNeighbors?: number | undefined;
}

/** Options of kneighborsGraph. */
export interface KNeighborsGraphOptions extends KNeighborsOptions {
  /** What the entries are: 1 ("connectivity", default) or the "distance". */
  readonly mode?: "connectivity" | "distance" | undefined;
}

/** What searches for a number of neighbours share. */
export abstract class KNeighborsEstimator<
  P extends NeighborSearchParams & { nNeighbors: number },
  F extends StoredFitted,
> extends NeighborsEstimator<P, F> {
  /**
   * The nearest rows of fit and how far they are, nearest first, of equally near ones the first.
   *
   * @param X undefined: the rows of fit, none of which is its own neighbour.
   * @throws TreelineError ERR_INVALID_DATA where the fit had fewer rows; ERR_INVALID_ARGUMENT, ERR_NOT_FITTED
   */
  async kneighbors(X?: MatrixLike | null, options: KNeighborsOptions = {}): Promise<Neighbors> {
    return this.nearest(this.asked("kneighbors", X), options.nNeighbors ?? this.params.nNeighbors, options);
  }

  /** The neighbours as a sparse matrix, nSamples × nSamplesFit. X: see kneighbors. */
  async kneighborsGraph(
    X?: MatrixLike | null,
    { mode = "connectivity", ...options }: KNeighborsGraphOptions = {},
  ): Promise<CsrMatrix<Float64Array>> {
    const asked = this.asked("kneighborsGraph", X);
    if (mode !== "connectivity" && mode !== "distance") {
      throw invalidArgument(`${asked.where}: mode must be "connectivity" or "distance", got ${show(mode)}`);
    }
    const k = options.nNeighbors ?? this.params.nNeighbors;
    const { distances, indices } = await this.nearest(asked, k, options);
    const columns = new Int32Array(indices.data.length);
    const values = new Float64Array(columns.length).fill(1);
    for (let i = 0; i < indices.rows; i++) {
      const row = indices.row(i);
      const order = Array.from(row, (_, j) => j).sort((a, b) => (row[a] as number) - (row[b] as number));
      order.forEach((j, at) => {
        columns[i * k + at] = row[j] as number;
        if (mode === "distance") values[i * k + at] = distances.at(i, j);
      });
    }
    const pointers = Float64Array.from({ length: indices.rows + 1 }, (_, i) => i * k);
    return new CsrMatrix(values, columns, pointers, [indices.rows, asked.fitted.nSamplesFit]);
  }
}
