import { show } from "../base/errors.js";
import type { QueryOptions } from "../data/queries.js";
import type { TargetsLike } from "../data/targets.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { BoostingRows, NamedRows } from "./boosting-fit.js";
import type { BoostingFitOptions, EvalSet } from "./boosting-params.js";

/** Rows with their labels and, where rows are ranked, their queries. */
export interface LabelledRows extends EvalSet, QueryOptions {}

/** Reads rows to watch; errors start with `where`, those about y with `whereY`. */
export type ReadRows = (rows: LabelledRows, where: string, whereY: string) => Promise<BoostingRows>;

/** The rows that options name besides those to learn from. */
export interface WatchedRows {
  readonly validation: BoostingRows | undefined;
  readonly evalSets: readonly NamedRows[];
}

/** The options that rankers have besides. */
interface WatchedOptions {
  readonly groupVal?: QueryOptions["group"];
  readonly groupIdVal?: QueryOptions["groupId"];
  readonly evalSet?: readonly LabelledRows[] | undefined;
}

/** Reads XVal with what belongs to it, and evalSet. */
export async function readWatchedRows(
  options: Omit<BoostingFitOptions, "evalSet"> & WatchedOptions,
  where: string,
  read: ReadRows,
): Promise<WatchedRows> {
  const { XVal, yVal, evalSet = [] } = options;
  const own: LabelledRows = {
    X: XVal as MatrixLike,
    y: yVal as TargetsLike,
    sampleWeight: options.sampleWeightVal,
    initScore: options.initScoreVal,
    group: options.groupVal,
    groupId: options.groupIdVal,
  };
  const validation = XVal === undefined ? undefined : await read(own, `${where}: validation`, `${where}: yVal`);
  const evalSets: NamedRows[] = [];
  for (const [i, set] of evalSet.entries()) {
    const name = set.name ?? `eval${i}`;
    const what = `${where}: evalSet ${show(name)}`;
    evalSets.push({ name, ...(await read(set, what, `${what}: y`)) });
  }
  return { validation, evalSets };
}
