import { invalidArgument, invalidData, show } from "../base/errors.js";
import { custom, integer, type ParamSpecs } from "../base/params.js";
import type { VectorLike } from "../data/vector.js";
import { maskOf, maskWhere, otherRows, type Fold } from "./fold.js";
import { Splitter, type Needs, type RowsLike, type SplitInput, type SplitOptions } from "./splitter.js";

/** All choices of p numbers out of 0 … n - 1, in lexicographic order. */
function* combinations(n: number, p: number): Generator<number[], void, undefined> {
  const chosen = Array.from({ length: p }, (_, i) => i);
  while (true) {
    yield [...chosen];
    let at = p - 1;
    while (at >= 0 && chosen[at] === n - p + at) at--;
    if (at < 0) return;
    chosen[at] = (chosen[at] as number) + 1;
    for (let k = at + 1; k < p; k++) chosen[k] = (chosen[k - 1] as number) + 1;
  }
}

function nCombinations(n: number, p: number): number {
  let result = 1;
  for (let k = 1; k <= p; k++) result = (result * (n - p + k)) / k;
  return Math.round(result);
}

/** Parameters of LeavePOut. */
export interface LeavePOutParams {
  /** Rows of a test set. Default 1. */
  p: number;
}

/** Every choice of p rows is tested once: scikit-learn's LeavePOut. Mind their number. */
export class LeavePOut extends Splitter<LeavePOutParams> {
  constructor(params: Partial<LeavePOutParams> = {}, name = "LeavePOut") {
    super(name, { p: integer(1, { min: 1 }) }, params);
  }

  async getNSplits(X?: RowsLike): Promise<number> {
    if (X === undefined)
      throw invalidArgument(`${this.className}.getNSplits: X is missing: every choice of rows is a split`);
    return nCombinations((await this.read(X, null, {})).rows, this.params.p);
  }

  protected *folds({ rows, where }: SplitInput): Generator<Fold, void, undefined> {
    const { p } = this.params;
    if (rows <= p) throw invalidData(`${where}: X has ${rows} rows, and needs more than the ${p} left out`);
    for (const chosen of combinations(rows, p)) {
      const test = maskOf(rows, chosen);
      yield { train: otherRows(test), test };
    }
  }
}

/** Every row is tested alone: scikit-learn's LeaveOneOut. As many fits as rows. */
export class LeaveOneOut extends LeavePOut {
  constructor() {
    super({}, "LeaveOneOut");
  }
}

/** Parameters of LeavePGroupsOut. */
export interface LeavePGroupsOutParams {
  /** Groups of a test set. Default 1. */
  nGroups: number;
}

/** Every choice of nGroups groups is tested once: scikit-learn's LeavePGroupsOut. split needs { groups }. */
export class LeavePGroupsOut extends Splitter<LeavePGroupsOutParams> {
  constructor(params: Partial<LeavePGroupsOutParams> = {}, name = "LeavePGroupsOut") {
    super(name, { nGroups: integer(1, { min: 1 }) }, params);
  }

  protected override get needs(): Needs {
    return { groups: true };
  }

  async getNSplits(_X?: RowsLike, _y?: VectorLike | null, options: SplitOptions = {}): Promise<number> {
    const rows = (options.groups as { length?: number } | undefined)?.length ?? 0;
    const { groups } = await this.read(rows, null, options);
    return nCombinations((groups as NonNullable<typeof groups>).classes.length, this.params.nGroups);
  }

  protected *folds({ rows, groups, where }: SplitInput): Generator<Fold, void, undefined> {
    const { classes, codes } = groups as NonNullable<typeof groups>;
    const { nGroups } = this.params;
    if (classes.length <= nGroups) {
      throw invalidData(
        `${where}: there are ${classes.length} groups, and more than the ${nGroups} left out are needed`,
      );
    }
    for (const chosen of combinations(classes.length, nGroups)) {
      const test = maskWhere(rows, (row) => chosen.includes(codes[row] as number));
      yield { train: otherRows(test), test };
    }
  }
}

/** Every group is tested alone: scikit-learn's LeaveOneGroupOut. split needs { groups }. */
export class LeaveOneGroupOut extends LeavePGroupsOut {
  constructor() {
    super({}, "LeaveOneGroupOut");
  }
}

/** Parameters of PredefinedSplit. */
export interface PredefinedSplitParams {
  /** The fold in which every row is tested; -1: in none, it is always learned from. */
  testFold: ArrayLike<number>;
}

const PREDEFINED: ParamSpecs<PredefinedSplitParams> = {
  testFold: custom<ArrayLike<number>>(
    [],
    "an array of fold numbers, -1 for rows that are never tested",
    (value) =>
      (Array.isArray(value) || ArrayBuffer.isView(value)) &&
      Array.from(value as ArrayLike<unknown>).every((fold) => Number.isInteger(fold) && (fold as number) >= -1),
    ["a"],
  ),
};

/** Folds as given: scikit-learn's PredefinedSplit. */
export class PredefinedSplit extends Splitter<PredefinedSplitParams> {
  constructor(params: Partial<PredefinedSplitParams> = {}) {
    super("PredefinedSplit", PREDEFINED, params);
  }

  getNSplits(): Promise<number> {
    return Promise.resolve(this.#numbers().length);
  }

  #numbers(): number[] {
    return [...new Set(Array.from(this.params.testFold))].filter((fold) => fold >= 0).sort((a, b) => a - b);
  }

  protected *folds({ rows, where }: SplitInput): Generator<Fold, void, undefined> {
    const { testFold } = this.params;
    if (testFold.length !== rows) {
      throw invalidData(`${where}: testFold has ${show(testFold.length)} values, but X has ${rows} rows`);
    }
    for (const fold of this.#numbers()) {
      const test = maskWhere(rows, (row) => testFold[row] === fold);
      yield { train: otherRows(test), test };
    }
  }
}
