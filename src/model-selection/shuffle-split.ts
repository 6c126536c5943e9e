import { custom, integer, randomState, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { drawnFold, splitSizes } from "./drawn-fold.js";
import { maskWhere, type Fold } from "./fold.js";
import { derivedSeed } from "./k-fold.js";
import { Splitter, type Needs, type SplitInput } from "./splitter.js";

/** Parameters of ShuffleSplit, StratifiedShuffleSplit and GroupShuffleSplit. */
export interface ShuffleSplitParams {
  /** How often rows are drawn. Default 10; GroupShuffleSplit 5. */
  nSplits: number;
  /** Test rows (groups): a share between 0 and 1, rounded up, or a number. Default: what trainSize leaves, else 0.1; GroupShuffleSplit 0.2. */
  testSize: number | null;
  /** Training rows (groups): a share, rounded down, or a number. Default: what testSize leaves. */
  trainSize: number | null;
  /** Seed; null (default): a new one for every split. */
  randomState: number | null;
}

function size(): ParamSpec<number | null> {
  return custom<number | null>(
    null,
    "a share between 0 and 1, a positive number of rows, or null",
    (value) => value === null || (typeof value === "number" && value > 0 && (value < 1 || Number.isInteger(value))),
    -1,
  );
}

const specs = (nSplits: number): ParamSpecs<ShuffleSplitParams> => ({
  nSplits: integer(nSplits, { min: 1 }),
  testSize: size(),
  trainSize: size(),
  randomState: randomState(),
});

abstract class DrawingSplitter extends Splitter<ShuffleSplitParams> {
  getNSplits(): Promise<number> {
    return Promise.resolve(this.params.nSplits);
  }

  protected abstract draw(input: SplitInput, seed: number): Promise<Fold>;

  protected async *folds(input: SplitInput): AsyncGenerator<Fold, void, undefined> {
    const seed = seedOf(this.params.randomState);
    for (let k = 0; k < this.params.nSplits; k++) yield await this.draw(input, derivedSeed(seed, k));
  }
}

/**
 * Rows drawn anew for every split: scikit-learn's ShuffleSplit. The first split is trainTestSplit's of the same seed and sizes.
 *
 * @example const splits = new ShuffleSplit({ nSplits: 5, testSize: 0.25, randomState: 0 });
 */
export class ShuffleSplit extends DrawingSplitter {
  constructor(params: Partial<ShuffleSplitParams> = {}) {
    super("ShuffleSplit", specs(10), params);
  }

  protected override draw({ rows, where, signal }: SplitInput, seed: number): Promise<Fold> {
    return drawnFold(rows, splitSizes(rows, this.params, 0.1, where), undefined, seed, where, signal);
  }
}

/** ShuffleSplit with each class's share in both parts: scikit-learn's StratifiedShuffleSplit. split needs y. */
export class StratifiedShuffleSplit extends DrawingSplitter {
  constructor(params: Partial<ShuffleSplitParams> = {}) {
    super("StratifiedShuffleSplit", specs(10), params);
  }

  protected override get needs(): Needs {
    return { labels: true };
  }

  protected override draw({ rows, labels, where, signal }: SplitInput, seed: number): Promise<Fold> {
    return drawnFold(rows, splitSizes(rows, this.params, 0.1, where), labels, seed, where, signal);
  }
}

/** ShuffleSplit of whole groups; sizes count groups: scikit-learn's GroupShuffleSplit. split needs { groups }. */
export class GroupShuffleSplit extends DrawingSplitter {
  constructor(params: Partial<ShuffleSplitParams> = {}) {
    super("GroupShuffleSplit", specs(5), params);
  }

  protected override get needs(): Needs {
    return { groups: true };
  }

  protected override async draw({ rows, groups, where, signal }: SplitInput, seed: number): Promise<Fold> {
    const { classes, codes } = groups as NonNullable<typeof groups>;
    const sizes = splitSizes(classes.length, this.params, 0.2, `${where}: groups`);
    const fold = await drawnFold(classes.length, sizes, undefined, seed, where, signal);
    return {
      train: maskWhere(rows, (row) => fold.train.has(codes[row] as number)),
      test: maskWhere(rows, (row) => fold.test.has(codes[row] as number)),
    };
  }
}
