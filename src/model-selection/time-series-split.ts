import { invalidData } from "../base/errors.js";
import { integer, nullable, type ParamSpecs } from "../base/params.js";
import { rangeMask, type Fold } from "./fold.js";
import { Splitter, type SplitInput } from "./splitter.js";

/** Parameters of TimeSeriesSplit. */
export interface TimeSeriesSplitParams {
  /** Number of splits, at least 2. Default 5. */
  nSplits: number;
  /** Most rows to learn from: the latest ones. Default null: all. */
  maxTrainSize: number | null;
  /** Rows of a test set. Default null: rows / (nSplits + 1), rounded down. */
  testSize: number | null;
  /** Rows between the two parts that belong to neither. Default 0. */
  gap: number;
}

const SPECS: ParamSpecs<TimeSeriesSplitParams> = {
  nSplits: integer(5, { min: 2 }),
  maxTrainSize: nullable(integer(1, { min: 1 })),
  testSize: nullable(integer(1, { min: 1 })),
  gap: integer(0, { min: 0 }),
};

/**
 * Rows in the order of time: later rows are tested with a model of earlier ones, which grow from split to split;
 * scikit-learn's TimeSeriesSplit.
 *
 * @example const splits = new TimeSeriesSplit({ nSplits: 4, gap: 24 });
 */
export class TimeSeriesSplit extends Splitter<TimeSeriesSplitParams> {
  constructor(params: Partial<TimeSeriesSplitParams> = {}) {
    super("TimeSeriesSplit", SPECS, params);
  }

  getNSplits(): Promise<number> {
    return Promise.resolve(this.params.nSplits);
  }

  protected *folds({ rows, where }: SplitInput): Generator<Fold, void, undefined> {
    const { nSplits, maxTrainSize, gap } = this.params;
    const testSize = this.params.testSize ?? Math.floor(rows / (nSplits + 1));
    if (rows < nSplits + 1 || rows - gap - testSize * nSplits <= 0) {
      throw invalidData(
        `${where}: X has ${rows} rows, which are too few for ${nSplits} splits with ${testSize} test rows each and a gap of ${gap}`,
      );
    }
    for (let first = rows - nSplits * testSize; first < rows; first += testSize) {
      const end = first - gap;
      const train = maxTrainSize === null ? end : Math.min(end, maxTrainSize);
      yield { train: rangeMask(end - train, train, rows), test: rangeMask(first, testSize, rows) };
    }
  }
}
