import { invalidArgument, invalidData, show } from "../base/errors.js";
import { encodeLabels, type VectorLike } from "./vector.js";

/** Which rows are ranked together: one of the two. */
export interface QueryOptions {
  /** Sizes of the queries, whose rows follow each other in X: LightGBM's group. */
  readonly group?: ArrayLike<number> | undefined;
  /** The query of every row, in any order: XGBoost's qid, but unsorted is fine. */
  readonly groupId?: VectorLike | undefined;
}

/** The query of every row. */
export interface Queries {
  readonly codes: Int32Array;
  readonly count: number;
}

/**
 * Reads group or groupId; queries are counted from 0 in the order of group, or in that of the sorted ids.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT unless exactly one is given; ERR_INVALID_DATA for sizes that are no
 * non-negative integers or do not add up to `rows`, or another number of ids.
 */
export async function readQueries(
  { group, groupId }: QueryOptions,
  rows: number,
  where: string,
  signal?: AbortSignal,
): Promise<Queries> {
  if ((group === undefined) === (groupId === undefined)) {
    throw invalidArgument(
      `${where}: give group (the sizes of the queries, in the order of the rows) or groupId (the query of every row)` +
        (group === undefined ? "" : ", not both"),
    );
  }
  if (group !== undefined) return fromSizes(group, rows, where);
  const { classes, codes } = await encodeLabels(groupId as VectorLike, `${where}: groupId`, signal);
  if (codes.length !== rows) {
    throw invalidData(`${where}: groupId has ${codes.length} values, but y has ${rows}`);
  }
  return { codes, count: classes.length };
}

function fromSizes(group: ArrayLike<number>, rows: number, where: string): Queries {
  if (!Array.isArray(group) && !ArrayBuffer.isView(group)) {
    throw invalidArgument(`${where}: group must be an array of sizes, got ${show(group)}`);
  }
  const codes = new Int32Array(rows);
  let end = 0;
  for (let query = 0; query < group.length; query++) {
    const size = Number(group[query]);
    if (!Number.isSafeInteger(size) || size < 0) {
      throw invalidData(`${where}: group must hold non-negative integers, got ${show(group[query])} at ${query}`);
    }
    codes.fill(query, end, end + size);
    end += size;
  }
  if (end !== rows) throw invalidData(`${where}: the sizes in group add up to ${end}, but y has ${rows} values`);
  return { codes, count: group.length };
}

/** Means of the values of every query's rows; 0 for one without rows. */
export function queryMeans(values: Float64Array, { codes, count }: Queries): Float64Array {
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  codes.forEach((query, row) => {
    sums[query] = (sums[query] as number) + (values[row] as number);
    sizes[query] = (sizes[query] as number) + 1;
  });
  return sums.map((sum, query) => sum / Math.max(1, sizes[query] as number));
}
