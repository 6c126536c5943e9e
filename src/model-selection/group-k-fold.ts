import { groupFolds, stratifiedGroupFolds } from "./assignments.js";
import { AssigningSplitter, type KFoldParams } from "./k-fold.js";
import type { Needs, SplitInput } from "./splitter.js";

/**
 * Folds of whole groups: no group is learned from and tested on at once, and folds are of about equal size; scikit-learn's
 * GroupKFold. split needs { groups }.
 *
 * @example
 * const folds = new GroupKFold({ nSplits: 3 });
 * for await (const [train, test] of folds.split(X, y, { groups: patients })) console.log(train, test);
 */
export class GroupKFold extends AssigningSplitter {
  constructor(params: Partial<KFoldParams> = {}) {
    super("GroupKFold", params);
  }

  protected override get needs(): Needs {
    return { groups: true };
  }

  protected override assign({ groups, where }: SplitInput, seed: number | undefined): Int32Array {
    return groupFolds(this.params.nSplits, groups as NonNullable<typeof groups>, where, seed);
  }
}

/**
 * Folds of whole groups with about each class's share in every fold; scikit-learn's StratifiedGroupKFold. split needs y and
 * { groups }.
 */
export class StratifiedGroupKFold extends AssigningSplitter {
  constructor(params: Partial<KFoldParams> = {}) {
    super("StratifiedGroupKFold", params);
  }

  protected override get needs(): Needs {
    return { labels: true, groups: true };
  }

  protected override assign({ labels, groups, where }: SplitInput, seed: number | undefined): Int32Array {
    return stratifiedGroupFolds(
      this.params.nSplits,
      labels as NonNullable<typeof labels>,
      groups as NonNullable<typeof groups>,
      where,
      seed,
    );
  }
}
