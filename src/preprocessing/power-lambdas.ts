import { warnData } from "../base/errors.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import type { RunOptions } from "../native/job.js";
import { searchFrom, searchWithin, type Search } from "./brent.js";
import { yeoJohnson } from "./power-maps.js";

// Which lambda makes each column most like a normal distribution: the greatest likelihood, as SciPy finds it. The columns'
// searches go on side by side: each step is a pass over the logarithms of the columns that are not done.

/** What is known of a column: of its logarithms (signed ones for Yeo and Johnson) without NaN. */
export interface LogColumn {
  readonly count: number;
  readonly sum: number;
  readonly low: number;
  readonly high: number;
}

/** The least and greatest lambda that let nothing overflow, as scipy.stats.yeojohnson_normmax's. */
function safeRange({ low, high }: LogColumn): readonly [number, number] {
  const largest = Math.log1p(20 * Math.expm1(Math.max(Math.abs(low), Math.abs(high))));
  const [tiny, huge, eps] = [Math.log(2 ** -1022), Math.log(Number.MAX_VALUE), Math.log(Number.EPSILON)];
  const [least, most] = [(tiny - eps) / 2 / largest, (huge + eps) / 2 / largest];
  if (high < 0) return [2 - most, 2 - least];
  if (low >= 0) return [least, most];
  // Values of both signs beyond 1e145 leave none (SciPy raises an error): 1 keeps them as they are.
  const both = [Math.max(2 - most, least), Math.min(2 - least, most)] as const;
  return both[0] <= both[1] ? both : [1, 1];
}

export async function yeoJohnsonLambdas(
  logs: ChunkedMatrix,
  columns: readonly (LogColumn | undefined)[],
  options: RunOptions,
): Promise<Float64Array> {
  const searches = columns.map((column) => column && searchWithin(...safeRange(column)));
  return search(searches, async (active, lambdas) => {
    const Z = yeoJohnson(logs.select(...active), lambdas);
    const [variance] = (await computeAll([Z.nanVariance({ axis: 0 })], options)) as [Float64Array];
    return variance.map((value, k) => {
      const { count, sum } = columns[active[k] as number] as LogColumn;
      const likelihood = (-count / 2) * Math.log(value) + ((lambdas[k] as number) - 1) * sum;
      return value < 2 ** -1022 || likelihood === Infinity ? Infinity : -likelihood;
    });
  });
}

export async function boxCoxLambdas(
  logs: ChunkedMatrix,
  columns: readonly (LogColumn | undefined)[],
  options: RunOptions,
  where: string,
): Promise<Float64Array> {
  const searches = columns.map((column) => column && searchFrom(-2, 2));
  const lambdas = await search(searches, async (active, at) => {
    // exp(lambda log x) over its greatest value: neither overflows nor loses what differs for a small lambda.
    const peaks = at.map((lambda, k) => {
      const { low, high } = columns[active[k] as number] as LogColumn;
      return Math.max(lambda * low, lambda * high);
    });
    const scaled = at.map((lambda) => (lambda === 0 ? 1 : lambda));
    const chosen = logs.select(...active).multiply(scaled);
    const powers = chosen.subtract(peaks).expm1();
    const both = [powers.nanVariance({ axis: 0 }), chosen.nanVariance({ axis: 0 })];
    const [variance, ofLogs] = (await computeAll(both, options)) as [Float64Array, Float64Array];
    return at.map((lambda, k) => {
      const { count, sum } = columns[active[k] as number] as LogColumn;
      const logVariance =
        lambda === 0
          ? Math.log(ofLogs[k] as number)
          : Math.log(variance[k] as number) + 2 * (peaks[k] as number) - 2 * Math.log(Math.abs(lambda));
      return -((lambda - 1) * sum - (count / 2) * logVariance);
    });
  });
  return lambdas.map((lambda, j) => {
    const column = columns[j];
    return column === undefined ? lambda : constrained(lambda, column, j, where);
  });
}

/** Runs searches until all are done; no search: 1. */
async function search(
  searches: readonly (Search | undefined)[],
  evaluate: (active: number[], at: Float64Array) => Promise<Float64Array>,
): Promise<Float64Array> {
  const found = new Float64Array(searches.length).fill(1);
  const steps = searches.map((of) => of?.next());
  for (;;) {
    const active: number[] = [];
    steps.forEach((step, j) => {
      if (step?.done === true) found[j] = step.value;
      else if (step !== undefined) active.push(j);
    });
    if (active.length === 0) return found;
    const values = await evaluate(
      active,
      Float64Array.from(active, (j) => steps[j]?.value as number),
    );
    active.forEach((j, k) => (steps[j] = searches[j]?.next(values[k] as number)));
  }
}

/** The nearest lambda to 0 up to which no value of the column overflows, as scipy.stats.boxcox_normmax. */
function constrained(lambda: number, { low, high }: LogColumn, j: number, where: string): number {
  const size = (at: number): number =>
    Math.max(...[low, high].map((log) => Math.abs(Math.expm1(at * log) / (at === 0 ? 1 : at))));
  const most = Number.MAX_VALUE / 10_000;
  if (size(lambda) <= most) return lambda;
  let [safe, over] = [0, lambda];
  for (let n = 0; n < 200; n++) {
    const middle = 0.5 * (safe + over);
    if (size(middle) <= most) safe = middle;
    else over = middle;
  }
  warnData(`${where}: the best lambda of column ${j} is ${lambda}; it is ${safe} so that no value overflows`);
  return safe;
}
