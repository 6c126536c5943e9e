import { invalidArgument } from "../base/errors.js";
import { boolean, integer, randomState, type ParamSpecs } from "../base/params.js";
import { mix, seedOf } from "../base/random.js";
import { neighbouringFolds, permutation, stratifiedFolds } from "./assignments.js";
import { maskWhere, otherRows, type Fold } from "./fold.js";
import { Splitter, type Needs, type SplitInput } from "./splitter.js";

/** Parameters of KFold, StratifiedKFold, GroupKFold and StratifiedGroupKFold. */
export interface KFoldParams {
  /** Number of folds, at least 2. Default 5. */
  nSplits: number;
  /** Deal rows (GroupKFold: groups) out at random. Default false: neighbouring rows go together. */
  shuffle: boolean;
  /** Seed of the shuffling; null (default): a new one for every split. Needs shuffle. */
  randomState: number | null;
}

const SPECS: ParamSpecs<KFoldParams> = {
  nSplits: integer(5, { min: 2 }),
  shuffle: boolean(false),
  randomState: randomState(),
};

/** Splitters in which every row is tested once. */
export abstract class AssigningSplitter extends Splitter<KFoldParams> {
  /** @throws TreelineError ERR_INVALID_ARGUMENT */
  protected constructor(name: string, params: Partial<KFoldParams>) {
    super(name, SPECS, params);
    if (!this.params.shuffle && this.params.randomState !== null) {
      throw invalidArgument(`${name}: randomState needs shuffle: true, without it nothing is drawn`);
    }
  }

  getNSplits(): Promise<number> {
    return Promise.resolve(this.params.nSplits);
  }

  /** The fold of every row; seed undefined: not shuffled. */
  protected abstract assign(input: SplitInput, seed: number | undefined): Int32Array;

  protected *folds(input: SplitInput): Generator<Fold, void, undefined> {
    const { nSplits, shuffle, randomState } = this.params;
    const folds = this.assign(input, shuffle ? seedOf(randomState) : undefined);
    for (let f = 0; f < nSplits; f++) {
      const test = maskWhere(input.rows, (row) => folds[row] === f);
      yield { train: otherRows(test), test };
    }
  }
}

function kFold(nSplits: number, { rows, where }: SplitInput, seed: number | undefined): Int32Array {
  const folds = neighbouringFolds(rows, nSplits, where);
  if (seed === undefined) return folds;
  const dealt = new Int32Array(rows);
  permutation(rows, seed).forEach((row, place) => (dealt[row] = folds[place] as number));
  return dealt;
}

function stratifiedKFold(nSplits: number, { labels, where }: SplitInput, seed: number | undefined): Int32Array {
  return stratifiedFolds(nSplits, labels as NonNullable<typeof labels>, where, seed);
}

/**
 * Every row is tested once, learned from in all other folds: scikit-learn's KFold. Without shuffling the folds are
 * scikit-learn's, row for row; shuffled they are drawn by a generator of Treeline's.
 *
 * @example
 * for await (const [train, test] of new KFold({ nSplits: 3, shuffle: true, randomState: 0 }).split(X)) console.log(train, test);
 */
export class KFold extends AssigningSplitter {
  constructor(params: Partial<KFoldParams> = {}) {
    super("KFold", params);
  }

  protected override assign(input: SplitInput, seed: number | undefined): Int32Array {
    return kFold(this.params.nSplits, input, seed);
  }
}

/**
 * KFold in which every fold has each class's share: scikit-learn's StratifiedKFold. split needs y.
 *
 * @example const folds = new StratifiedKFold({ nSplits: 3, shuffle: true, randomState: 0 });
 */
export class StratifiedKFold extends AssigningSplitter {
  constructor(params: Partial<KFoldParams> = {}) {
    super("StratifiedKFold", params);
  }

  protected override get needs(): Needs {
    return { labels: true };
  }

  protected override assign(input: SplitInput, seed: number | undefined): Int32Array {
    return stratifiedKFold(this.params.nSplits, input, seed);
  }
}

/** Parameters of RepeatedKFold and RepeatedStratifiedKFold. */
export interface RepeatedKFoldParams {
  /** Number of folds, at least 2. Default 5. */
  nSplits: number;
  /** How often rows are dealt out anew. Default 10. */
  nRepeats: number;
  /** Seed; null (default): a new one for every split. */
  randomState: number | null;
}

const REPEATED: ParamSpecs<RepeatedKFoldParams> = {
  nSplits: integer(5, { min: 2 }),
  nRepeats: integer(10, { min: 1 }),
  randomState: randomState(),
};

abstract class RepeatedSplitter extends Splitter<RepeatedKFoldParams> {
  constructor(name: string, params: Partial<RepeatedKFoldParams>) {
    super(name, REPEATED, params);
  }

  getNSplits(): Promise<number> {
    return Promise.resolve(this.params.nSplits * this.params.nRepeats);
  }

  protected abstract assign(input: SplitInput, seed: number): Int32Array;

  protected *folds(input: SplitInput): Generator<Fold, void, undefined> {
    const { nSplits, nRepeats, randomState } = this.params;
    const seed = seedOf(randomState);
    for (let repeat = 0; repeat < nRepeats; repeat++) {
      const folds = this.assign(input, derivedSeed(seed, repeat));
      for (let f = 0; f < nSplits; f++) {
        const test = maskWhere(input.rows, (row) => folds[row] === f);
        yield { train: otherRows(test), test };
      }
    }
  }
}

/** A seed of its own for each of several draws. */
export function derivedSeed(seed: number, draw: number): number {
  return draw === 0 ? seed : mix(mix(seed % 2 ** 32) ^ mix(draw)) + (Math.floor(seed / 2 ** 32) % 2 ** 15) * 2 ** 32;
}

/** KFold with shuffling, several times over: scikit-learn's RepeatedKFold. */
export class RepeatedKFold extends RepeatedSplitter {
  constructor(params: Partial<RepeatedKFoldParams> = {}) {
    super("RepeatedKFold", params);
  }

  protected override assign(input: SplitInput, seed: number): Int32Array {
    return kFold(this.params.nSplits, input, seed);
  }
}

/** StratifiedKFold with shuffling, several times over: scikit-learn's RepeatedStratifiedKFold. split needs y. */
export class RepeatedStratifiedKFold extends RepeatedSplitter {
  constructor(params: Partial<RepeatedKFoldParams> = {}) {
    super("RepeatedStratifiedKFold", params);
  }

  protected override get needs(): Needs {
    return { labels: true };
  }

  protected override assign(input: SplitInput, seed: number): Int32Array {
    return stratifiedKFold(this.params.nSplits, input, seed);
  }
}
